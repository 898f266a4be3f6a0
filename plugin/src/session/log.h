// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "protocol/utf8.h"

#include <gloox/gloox.h>
#include <gloox/logsink.h>

#include <cstddef>
#include <string>

namespace simultiple::session
{

/**
 * Our lines in the client's log, area user (DESIGN 5). Only the debug level may name sids and addresses (SEC-24). Every line holds peers' words
 * sooner or later, sids among them, so all of it is bounded and made harmless here (SEC-22).
 */
class Log final
{
  public:
    explicit Log( gloox::LogSink& sink ) : m_sink( sink ) {}

    void debug( const std::string& sid, const std::string& text ) const { write( gloox::LogLevelDebug, " " + protocol::printable( sid, MaxSid ) + ": ", text ); }
    void warn( const std::string& text ) const { write( gloox::LogLevelWarning, ": ", text ); }

  private:
    static constexpr std::size_t MaxSid = 256;
    static constexpr std::size_t MaxText = 500;

    void write( gloox::LogLevel level, const std::string& head, const std::string& text ) const
    {
      m_sink.log( level, gloox::LogAreaUser, "si-multiple" + head + protocol::printable( text, MaxText ) );
    }

    gloox::LogSink& m_sink;
};

} // namespace simultiple::session
