// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/gloox.h>
#include <gloox/logsink.h>

#include <string>

namespace simultiple::session
{

/// Our lines in the client's log, area user (DESIGN 5). Only the debug level may name sids and addresses (SEC-24).
class Log final
{
  public:
    explicit Log( gloox::LogSink& sink ) : m_sink( sink ) {}

    void debug( const std::string& sid, const std::string& text ) const { m_sink.log( gloox::LogLevelDebug, gloox::LogAreaUser, "si-multiple " + sid + ": " + text ); }
    void warn( const std::string& text ) const { m_sink.log( gloox::LogLevelWarning, gloox::LogAreaUser, "si-multiple: " + text ); }

  private:
    gloox::LogSink& m_sink;
};

} // namespace simultiple::session
