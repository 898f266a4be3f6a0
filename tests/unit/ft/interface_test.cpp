// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Holds SIProfileMultipleFT against gloox::SIProfileFT while it compiles: each thing that a bot can say to one it can say to the other. Left out is what
// gloox's class is for gloox itself (SIHandler, BytestreamHandler, IqHandler).

#include <gloox-si-multiple/simultiplemanager.h>
#include <gloox-si-multiple/siprofilemultipleft.h>

#include <gloox/bytestream.h>
#include <gloox/clientbase.h>
#include <gloox/siprofileft.h>
#include <gloox/socks5bytestreamserver.h>

#include <cstdint>
#include <string>
#include <type_traits>

using namespace simultiple;
using gloox::JID;

namespace
{

using Ours = SIProfileMultipleFT;
using Stock = gloox::SIProfileFT;

/// Everything that a bot says to a file transfer profile. Never called: it has to compile with either type.
template<typename Profile>
void everything( gloox::ClientBase* client, gloox::SIProfileFTHandler* handler, gloox::SIManager* si, gloox::SOCKS5BytestreamManager* s5,
                 gloox::SOCKS5BytestreamServer* server, gloox::Bytestream* bs, const gloox::SIManager::SI& offer )
{
  Profile two( client, handler );
  Profile three( client, handler, si );
  Profile zero( client, handler, 0, 0 );
  Profile profile( client, handler, si, s5 );

  const JID to;
  const std::string text;
  static_assert( std::is_same_v<decltype( profile.requestFT( to, text, 1L ) ), const std::string> );
  std::string sid = profile.requestFT( to, text, 1 );
  sid = profile.requestFT( to, text, 1L, text, text, text, text, Profile::FTTypeAll, to, text );
  sid = profile.requestFT( to, "name", 1, gloox::EmptyString, "desc", "date", "text/plain", Profile::FTTypeS5B | Profile::FTTypeIBB );

  static_assert( std::is_void_v<decltype( profile.acceptFT( to, sid ) )> );
  profile.acceptFT( to, sid );
  profile.acceptFT( to, sid, Profile::FTTypeIBB );
  profile.acceptFT( to, sid, Profile::FTTypeOOB, to );
  typename Profile::StreamType type = Profile::FTTypeS5B;
  profile.acceptFT( to, sid, type );
  profile.acceptFT( to, sid, static_cast<typename Profile::StreamType>( 2 ) );

  static_assert( std::is_void_v<decltype( profile.declineFT( to, sid, gloox::SIManager::RequestRejected ) )> );
  profile.declineFT( to, sid, gloox::SIManager::RequestRejected );
  profile.declineFT( to, sid, gloox::SIManager::BadProfile, "text" );
  static_assert( std::is_void_v<decltype( profile.cancel( bs ) )> && std::is_void_v<decltype( profile.dispose( bs ) )> );
  profile.cancel( bs );
  profile.dispose( bs );
  profile.registerSIProfileFTHandler( handler );
  profile.removeSIProfileFTHandler();
  profile.setStreamHosts( gloox::StreamHostList() );
  profile.addStreamHost( to, text, 1 );
  profile.registerSOCKS5BytestreamServer( server );
  profile.removeSOCKS5BytestreamServer();
  profile.handleSIRequest( to, to, text, offer );
  gloox::SIProfileHandler* base = &profile;
  base->handleSIRequest( to, to, text, offer );

  switch( type )   // they are constants
  {
    case Profile::FTTypeS5B:
    case Profile::FTTypeIBB:
    case Profile::FTTypeOOB:
    case Profile::FTTypeAll: break;
  }
}

// Instantiated, and never run.
[[maybe_unused]] constexpr auto stockCompiles = &everything<Stock>;
[[maybe_unused]] constexpr auto oursCompiles = &everything<Ours>;

static_assert( std::is_same_v<Ours::StreamType, Stock::StreamType> );
static_assert( Ours::FTTypeS5B == 1 && Ours::FTTypeIBB == 2 && Ours::FTTypeOOB == 4 && Ours::FTTypeAll == 0xFF );
static_assert( std::is_base_of_v<gloox::SIProfileHandler, Ours> && std::has_virtual_destructor_v<Ours> );
static_assert( !std::is_copy_constructible_v<Ours> );
static_assert( std::is_constructible_v<Ours, SIMultipleManager&, gloox::SIProfileFTHandler*> );
static_assert( std::is_constructible_v<Ours, gloox::ClientBase*, gloox::SIProfileFTHandler*, Options> );
// What is not bigger than gloox's type can be said to both; ours takes more.
static_assert( std::is_invocable_v<decltype( &Ours::requestFT ), Ours&, const JID&, const std::string&, std::int64_t, const std::string&, const std::string&,
                                   const std::string&, const std::string&, int, const JID&, const std::string&> );

} // namespace
