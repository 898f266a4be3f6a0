// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/options.h>
#include <gloox-si-multiple/report.h>

#include "airlock/airlock.h"
#include "airlock/stanza.h"
#include "methods/bothosts.h"
#include "methods/channel.h"
#include "methods/hostmemory.h"
#include "negotiation/responder.h"
#include "net/address.h"
#include "protocol/stanzaerror.h"

#include <gloox/jid.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace simultiple::net
{
class EventLoop;
class HostFilter;
class Resolver;
class Socks5Listener;
}

namespace simultiple::methods
{

class InBandTurns;
class Proxies;

/// SEC-9: how many S5B queries are being worked on, per peer (bare JID, or resources would multiply it) and in all.
class QueryBudget final
{
  public:
    QueryBudget( std::size_t perPeer, std::size_t all ) : m_perPeer( perPeer ), m_all( all ) {}
    [[nodiscard]] bool take( const std::string& peer )
    {
      auto& mine = m_peers[peer];
      if( m_taken >= m_all || mine >= m_perPeer )
      {
        if( mine == 0 )
          m_peers.erase( peer );
        return false;
      }
      ++mine;
      ++m_taken;
      return true;
    }
    void give( const std::string& peer )
    {
      const auto mine = m_peers.find( peer );
      if( mine == m_peers.end() )
        return;
      --m_taken;
      if( --mine->second == 0 )
        m_peers.erase( mine );
    }

  private:
    std::size_t m_perPeer;
    std::size_t m_all;
    std::size_t m_taken = 0;
    std::unordered_map<std::string, std::size_t> m_peers{};
};

/// What the methods of one client share.
struct Shared
{
  airlock::Airlock& airlock;
  net::EventLoop& loop;
  net::Resolver& resolver;
  net::Socks5Listener& listener;
  const net::HostFilter& filter;
  Proxies& proxies;
  QueryBudget& queries;
  HostMemory& memory;
  InBandTurns& turns;
  const Options& options;
  const BotHosts& bot;
  const std::function<std::vector<net::Address>()>& localAddresses;   ///< Of this machine, now.
};

/// The key of a session (GEN-2).
struct StreamId
{
  gloox::JID local;
  gloox::JID peer;
  std::string sid;
};

/// Hears of a method that is being opened by us, or accepted. One of the two results, once; attempts before it.
class MethodHandler
{
  public:
    virtual ~MethodHandler() = default;
    virtual void handleMethodAttempt( Attempt attempt ) = 0;   ///< One host of the method; sid, peer, method are filled in by the handler.
    virtual void handleMethodReady( std::unique_ptr<Channel> channel ) = 0;
    /** @param peerUnreachable NEG-7. @param condition As receiver: what the peer is told. */
    virtual void handleMethodFailed( const std::string& reason, bool peerUnreachable, const std::string& condition ) = 0;
};

/// One method while the initiator opens it.
class OutgoingMethod
{
  public:
    virtual ~OutgoingMethod() = default;
    virtual void open() = 0;
    /** NEG-5: undo everything, at once; idempotent. No callback follows. */
    virtual void abandon() = 0;
    /** ST-S-33: an in-band stanza of R's while this method is being opened. @return false if it means nothing here. */
    virtual bool handleStanza( const airlock::Stanza& stanza )
    {
      (void)stanza;
      return false;
    }
};

/// One method while the responder accepts it.
class IncomingMethod
{
  public:
    virtual ~IncomingMethod() = default;
    /** Works on an opening. The result comes through the handler, possibly from inside this call. */
    virtual void accept( const airlock::Stanza& opening ) = 0;
    /** S5B-14: the channel is the candidate; answers the opening positively. */
    virtual void confirm() = 0;
    /** Answers the opening with an error. */
    virtual void refuse( const protocol::StanzaError& error ) = 0;
    /** NEG-23: stop all work, at once; idempotent. The opening is not answered by this. */
    virtual void abandon() = 0;
};

/// A bytestream method: its name, what it needs, and how to make its two halves. One object per client.
class Method
{
  public:
    virtual ~Method() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;            ///< Its namespace.
    [[nodiscard]] virtual airlock::StanzaKind opening() const = 0;        ///< The stanza that opens it.
    [[nodiscard]] virtual bool canOffer( const Shared& shared, Privacy privacy ) const = 0;   ///< SI-2
    [[nodiscard]] virtual bool canAccept( const Shared& shared, Privacy privacy ) const = 0;  ///< SIM-15
    /** @param last Nothing follows in the list. */
    [[nodiscard]] virtual std::unique_ptr<OutgoingMethod> makeOutgoing( Shared& shared, const StreamId& id, Privacy privacy, bool last,
                                                                        MethodHandler& handler ) const = 0;
    [[nodiscard]] virtual std::unique_ptr<IncomingMethod> makeIncoming( Shared& shared, const StreamId& id, Privacy privacy,
                                                                        MethodHandler& handler ) const = 0;
    /** Looks at an opening before the list is asked; on anything but Good, @a error is what the peer gets. */
    [[nodiscard]] virtual negotiation::Opening check( const airlock::Stanza& opening, const Shared& shared, protocol::StanzaError& error ) const = 0;
    /** @return The `not-acceptable` of this method (Appendix A, D-17). */
    [[nodiscard]] virtual protocol::StanzaError notAcceptable() const = 0;
};

/** Every method there is: a new one is one new file and one line here. */
[[nodiscard]] std::vector<std::unique_ptr<Method>> allMethods();

} // namespace simultiple::methods
