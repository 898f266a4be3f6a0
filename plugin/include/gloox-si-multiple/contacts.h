// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>

#include <memory>

namespace gloox
{
class Client;
class JID;
}

namespace simultiple
{

/**
 * Whom our own server calls a contact: what a bot may ask before it trusts somebody.
 *
 * The obvious `rosterManager()->getRosterItem( peer )` is no answer: gloox 1.0.24 takes roster pushes from anybody (RFC 6121, 2.1.6, says whose to
 * ignore), so a stranger who knows our full JID enters himself (GLOOX-NOTES 3g). Here only what comes from our own account counts.
 *
 * @code
 * simultiple::Contacts contacts( client );   // before it connects
 * options.knows = [&contacts]( const gloox::JID& peer ) { return contacts.contain( peer ); };
 * @endcode
 *
 * It listens to the roster that gloox asks for at each login, and is complete in onConnect(). Where that has been already, or does not come
 * (`Client::disableRoster()`), there is fill(). A bot's handlers and its RosterManager see what they always saw.
 *
 * @par Lifetime
 * It may go at any time, before the client or after it; the client has to be there for what is called.
 * @par Memory
 * When it runs out while a roster is read, nobody is a contact until the next login or fill(); no exception crosses gloox (CLS-12).
 * @par Thread
 * The one that calls gloox::ClientBase::recv().
 * @par Spec
 * SEC-1, SEC-21; RFC 6121, 2.1.
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT Contacts final
{
  public:
    /** The extension's default number: `gloox::ExtUser + 1097`. */
    static const int DefaultType;

    /**
     * @param client Not owned. It keeps what listens (a stanza extension) to its end.
     * @param type A number that no other extension on this client has, other Contacts included.
     */
    explicit Contacts( gloox::Client& client, int type = DefaultType );
    ~Contacts();
    Contacts( const Contacts& ) = delete;
    Contacts& operator=( const Contacts& ) = delete;

    /** @return Whether the bare JID of @a peer is in the roster, whatever the subscription, or is our own. */
    [[nodiscard]] bool contain( const gloox::JID& peer ) const;

    /** Asks the server for the roster. What is known stays until the answer comes. Without effect unless the client is connected. */
    void fill();

  private:
    class Reader;
    struct Known;

    gloox::Client& m_client;
    std::shared_ptr<Known> m_known;
};

} // namespace simultiple
