// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/filetransfer.h>

#include <memory>
#include <optional>
#include <string>

namespace gloox
{
class Tag;
}

namespace simultiple::files
{

/// What the two sides of a file transfer tell each other beside the stream (PFT-13, PFT-14, W-36).
struct Note
{
  enum class Kind
  {
    Sent,     ///< `<sent/>`: S has written everything; does R have it?
    Received, ///< `<received/>`: R has the whole file, right and on its disk.
    Lacking,  ///< `<lacking/>`: the stream is over for R, and it does not have the whole file.
    Alive,    ///< `<alive/>`: does the other side still have the session? The answer to the note says it all (PFT-17).
    Stopped   ///< `<stopped cause='…'/>`: its writer gives the transfer up.
  };

  Kind kind = Kind::Stopped;
  FileCause cause = FileCause::Cancelled; ///< With Stopped.
  std::string text{};                     ///< With Stopped: for people, at most 4096 characters.

  /** @return Nothing if @a tag is no note that we know. An unknown cause is read as FileCause::Cancelled. */
  [[nodiscard]] static std::optional<Note> parse( const gloox::Tag& tag );
  [[nodiscard]] std::unique_ptr<gloox::Tag> tag() const;
};

} // namespace simultiple::files
