// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/client.h>
#include <gloox/component.h>
#include <gloox/connectionbase.h>
#include <gloox/connectionlistener.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/** @return The complete stanzas in @a xml as they stand; stream headers, XML declarations and white space are left out. */
[[nodiscard]] std::vector<std::string> splitStanzas( const std::string& xml );
/** @return An attribute of the outermost element, its text unescaped as far as the five predefined entities go; "" if absent. */
[[nodiscard]] std::string attribute( const std::string& stanza, const std::string& name );
/** @return @a stanza with an attribute of the outermost element set; an empty value removes it. Nothing else is touched. */
[[nodiscard]] std::string withAttribute( const std::string& stanza, const std::string& name, const std::string& value );

/// A connection that ends in the test: what gloox writes is kept, what it reads is fed. Nothing blocks, nothing happens by itself.
class ScriptedConnection final : public gloox::ConnectionBase
{
  public:
    enum class OnSend
    {
      Accept,
      Fail,   ///< send() returns false; the state stays "connected".
      Lose    ///< As a TCP connection does it: onDisconnect() comes from inside send().
    };

    ScriptedConnection( gloox::ConnectionDataHandler* handler, std::function<void( const std::string& )> sink );

    void feed( const std::string& xml );
    void lose();
    void setOnSend( OnSend what ) { m_onSend = what; }
    /** What gloox gets for its own SOCKS5 streams; without it, more of this kind. */
    void setNewInstance( std::function<gloox::ConnectionBase*()> make ) { m_newInstance = std::move( make ); }

    gloox::ConnectionError connect() override;
    gloox::ConnectionError recv( int timeout = -1 ) override;
    bool send( const std::string& data ) override;
    gloox::ConnectionError receive() override { return gloox::ConnNoError; }
    void disconnect() override { m_state = gloox::StateDisconnected; }
    void getStatistics( long int& totalIn, long int& totalOut ) override { totalIn = totalOut = 0; }
    gloox::ConnectionBase* newInstance() const override;

  private:
    std::function<void( const std::string& )> m_sink;
    std::function<gloox::ConnectionBase*()> m_newInstance{};
    OnSend m_onSend = OnSend::Accept;
};

/// What a scripted client and a scripted component have in common.
class ScriptedEntity : private gloox::ConnectionListener
{
  public:
    ~ScriptedEntity() override;
    ScriptedEntity( const ScriptedEntity& ) = delete;
    ScriptedEntity& operator=( const ScriptedEntity& ) = delete;

    [[nodiscard]] gloox::ClientBase& base() { return *m_base; }
    [[nodiscard]] ScriptedConnection& connection() { return *m_connection; }
    [[nodiscard]] bool online() const { return m_online; }
    [[nodiscard]] int disconnects() const { return m_disconnects; }

    /** Stanzas from the server, as they come off the wire; any number, also parts. */
    void feed( const std::string& xml );
    /** @return What was written after the login or the last clear(). */
    [[nodiscard]] const std::string& sent() const { return m_sent; }
    [[nodiscard]] std::vector<std::string> stanzas() const { return splitStanzas( m_sent ); }
    void clear() { m_sent.clear(); }

    /** The connection is lost: onDisconnect(). */
    void dropConnection();
    /** Connects and logs in again. @param until Only until the server is about to reply this; logIn() goes on. @return Whether onConnect() came. */
    bool reconnect( const std::string& until = {} );
    /** The server's replies that are waiting, until one with this. @return Whether onConnect() came. */
    bool logIn( const std::string& until = {} );
    /** Told of every stanza that is written after the login; a hub listens here. */
    void setOnStanza( std::function<void( const std::string& )> f ) { m_onStanza = std::move( f ); }

  protected:
    ScriptedEntity() = default;
    void attach( std::unique_ptr<gloox::ClientBase> client );   ///< Sets the connection and logs in; throws if that fails.
    virtual std::string loginReply( const std::string& stanza ) = 0;   ///< The server's reply while logging in; "" for none.
    virtual std::string streamReply() = 0;                             ///< The server's header and features.
    int m_seen = 0;   ///< Stanzas that the server has seen

  private:
    void written( const std::string& data );
    void onConnect() override { m_online = true; }
    void onDisconnect( gloox::ConnectionError ) override;
    bool onTLSConnect( const gloox::CertInfo& ) override { return true; }

    std::unique_ptr<gloox::ClientBase> m_base{};
    ScriptedConnection* m_connection = nullptr;   // the client owns it
    bool m_online = false;
    int m_disconnects = 0;
    std::string m_sent{};
    std::deque<std::string> m_replies{};
    bool m_partway = false;   ///< Within a login that was stopped: what is said then counts as sent
    std::function<void( const std::string& )> m_onStanza{};
};

/// A real gloox::Client, really logged in: SASL, resource binding, roster. TLS and compression are off.
class ScriptedClient final : public ScriptedEntity
{
  public:
    explicit ScriptedClient( const std::string& fullJid = "juliet@capulet.example/balcony" );
    [[nodiscard]] gloox::Client& client() { return *m_client; }

    /** Has gloox ask for stream management with resumption (XEP-0198), and grants it. */
    void manageStream();
    /** Connects again, and gloox resumes its stream. @param unseen So many of the newest stanzas the server has not seen. @return Whether onConnect() came. */
    bool resumeStream( int unseen = 0 );

  private:
    std::string loginReply( const std::string& stanza ) override;
    std::string streamReply() override;

    gloox::JID m_jid;
    gloox::Client* m_client = nullptr;
    bool m_authenticated = false;
    bool m_managed = false;
    int m_unseen = 0;
};

/// A real gloox::Component after its handshake (XEP-0114).
class ScriptedComponent final : public ScriptedEntity
{
  public:
    explicit ScriptedComponent( const std::string& domain = "gateway.example" );
    [[nodiscard]] gloox::Component& component() { return *m_component; }

  private:
    std::string loginReply( const std::string& stanza ) override;
    std::string streamReply() override;

    std::string m_domain;
    gloox::Component* m_component = nullptr;
};

} // namespace simultiple::test
