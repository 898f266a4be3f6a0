// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/filetransfer.h>

#include <array>
#include <utility>

namespace simultiple
{

namespace
{

constexpr std::array<std::pair<FileCause, const char*>, 12> Words{ {
  { FileCause::Complete, "complete" },
  { FileCause::Refused, "refused" },
  { FileCause::NotOpened, "not-opened" },
  { FileCause::Interrupted, "interrupted" },
  { FileCause::Unresumable, "unresumable" },
  { FileCause::Cancelled, "cancelled" },
  { FileCause::TooFewBytes, "too-few-bytes" },
  { FileCause::DigestMismatch, "digest-mismatch" },
  { FileCause::SourceUnreadable, "source-unreadable" },
  { FileCause::SourceChanged, "source-changed" },
  { FileCause::StorageFull, "storage-full" },
  { FileCause::StorageFailed, "storage-failed" },
} };

} // namespace

const char* fileCauseText( FileCause cause ) noexcept
{
  for( const auto& [value, word] : Words )
    if( value == cause )
      return word;
  return "";
}

std::optional<FileCause> fileCauseFromText( std::string_view word ) noexcept
{
  for( const auto& [value, text] : Words )
    if( text == word )
      return value;
  return std::nullopt;
}

} // namespace simultiple
