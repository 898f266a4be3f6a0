// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/stanzaerror.h"

#include <gloox-si-multiple/report.h>

#include <gloox/tag.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::protocol
{

/** W-2: the list. @param profileChild Copied; may be null. At least one method. */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildListAnswer( const std::vector<std::string>& methods, const gloox::Tag* profileChild );

/** W-3 with one method; with several the Smack dialect W-4 (SIM-16). */
[[nodiscard]] std::unique_ptr<gloox::Tag> buildFormAnswer( const std::vector<std::string>& methods, const gloox::Tag* profileChild );

/// What the answer is read against.
struct AnswerContext
{
  std::vector<std::string> offered;    ///< In our order.
  bool multiple = false;               ///< Our offer carried `<si-multiple/>`.
  bool fallback = true;                ///< SIM-28: false: the first method only.
  std::function<bool( const std::string& )> usable{}; ///< SIM-24: can we still open it? Empty: yes.
};

/// An answer that was understood, or the cause of the session's end.
struct Answer
{
  bool accepted = false;               ///< There is at least one method to try.
  std::vector<std::string> methods;    ///< In the receiver's order, cleaned up by SIM-22 to SIM-29.
  Dialect dialect = Dialect::None;
  bool namesInBand = false;            ///< IBB stood somewhere in it: CLS-4 sends W-24.
  Cause cause = Cause::MalformedReply; ///< If not accepted: SI-7, SI-20, SI-21, SIM-27, `x` of type cancel.
  std::string problem;                 ///< For people.
};

/** Reads a result (W-2, W-3, W-4). Total. @param iq The `<iq type='result'/>`. */
[[nodiscard]] Answer readAnswer( const gloox::Tag& iq, const AnswerContext& context );

} // namespace simultiple::protocol
