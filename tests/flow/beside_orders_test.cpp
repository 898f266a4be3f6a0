// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bot's gloox objects and the plugin's, made and destroyed on one client in every order that C++ allows.

#include "flow/beside_fixture.h"

#include "support/catch2.h"

#include <algorithm>

using namespace simultiple;
using namespace simultiple::test;
using namespace simultiple::test::beside;

namespace
{

/// Stock file transfer over whatever managers the bot has, or gloox's own if there is none.
class Files final : private gloox::SIProfileFTHandler, private gloox::BytestreamDataHandler
{
  public:
    Files( gloox::Client& client, gloox::SIManager* initiation, gloox::SOCKS5BytestreamManager* socks5 )
      : m_profile( &client, this, initiation, socks5 ), m_socks5( socks5 )
    {
      if( m_socks5 )
        m_socks5->registerBytestreamHandler( &m_profile );
    }
    ~Files() override
    {
      end();
      if( m_socks5 )
        m_socks5->removeBytestreamHandler();
    }
    void forgetSocks5() { m_socks5 = nullptr; }   ///< It is gone.
    void end()
    {
      if( m_stream )
        m_profile.dispose( m_stream );
      m_stream = nullptr;
    }
    std::string received{};

  private:
    void handleFTRequest( const gloox::JID& from, const gloox::JID&, const std::string& sid, const std::string&, long, const std::string&, const std::string&,
                          const std::string&, const std::string&, int ) override
    {
      m_profile.acceptFT( from, sid, gloox::SIProfileFT::FTTypeIBB );
    }
    void handleFTRequestError( const gloox::IQ&, const std::string& ) override {}
    void handleFTBytestream( gloox::Bytestream* stream ) override
    {
      m_stream = stream;
      stream->registerBytestreamDataHandler( this );
    }
    const std::string handleOOBRequestResult( const gloox::JID&, const gloox::JID&, const std::string& ) override { return {}; }
    void handleBytestreamData( gloox::Bytestream*, const std::string& data ) override { received += data; }
    void handleBytestreamDataAck( gloox::Bytestream* ) override {}
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {}
    void handleBytestreamOpen( gloox::Bytestream* ) override {}
    void handleBytestreamClose( gloox::Bytestream* ) override { received += "."; }

    gloox::SIProfileFT m_profile;
    gloox::SOCKS5BytestreamManager* m_socks5;
    gloox::Bytestream* m_stream = nullptr;
};

/// One client and four things on it, by their letters: stream initiation, SOCKS5 with its server, files, the plugin.
class Things final
{
  public:
    static constexpr const char* All = "isfp";

    void make( char thing )
    {
      switch( thing )
      {
        case 'i': m_initiation = std::make_unique<gloox::SIManager>( &client() ); break;
        case 's':
          m_socks5 = std::make_unique<gloox::SOCKS5BytestreamManager>( &client(), nullptr );
          m_server = std::make_unique<gloox::SOCKS5BytestreamServer>( client().logInstance(), 0, "127.0.0.1" );
          REQUIRE( m_server->listen() == gloox::ConnNoError );
          m_socks5->registerSOCKS5BytestreamServer( m_server.get() );
          break;
        case 'f': m_files = std::make_unique<Files>( client(), m_initiation.get(), m_socks5.get() ); break;
        default:
          m_plugin = std::make_unique<Bot>( client(), testOptions( std::make_shared<ManualClock>() ), besideStock() );
          REQUIRE( m_plugin->manager.enable() );
          break;
      }
    }
    void destroy( char thing )
    {
      switch( thing )
      {
        case 'i': m_initiation.reset(); break;
        case 's':
          if( m_files )
            m_files->forgetSocks5();
          m_socks5.reset();
          m_server.reset();
          break;
        case 'f': m_files.reset(); break;
        default: m_plugin.reset(); break;
      }
    }

    [[nodiscard]] bool has( char thing ) const { return thing == 'p' ? m_plugin != nullptr : m_files != nullptr; }
    [[nodiscard]] std::string disco() { return discoOf( m_entity ); }
    void process()
    {
      while( m_plugin && m_plugin->manager.nextDeadline() == std::chrono::milliseconds( 0 ) )
        m_plugin->manager.process();
    }
    /** A stock transfer, start to end. @return Whether it went well. */
    [[nodiscard]] bool transfer()
    {
      m_files->received.clear();
      stream( "stock", false );
      m_files->end();
      return m_files->received == "Hello.";
    }
    /** One of the plugin's. */
    [[nodiscard]] bool pluginTransfer()
    {
      m_plugin->received.clear();
      stream( "ours" + std::to_string( ++m_streams ), true );
      return m_plugin->received == "Hello" && m_plugin->cause() == "closed-remote";
    }

  private:
    [[nodiscard]] gloox::Client& client() { return m_entity.client(); }
    void stream( const std::string& sid, bool multiple )
    {
      const std::string ibb = "http://jabber.org/protocol/ibb";
      for( const auto& xml : { offerOf( Romeo, sid, "x", "1", multiple ), iq( "set", "2", "<open xmlns='" + ibb + "' sid='" + sid + "' block-size='4096'/>" ),
                               iq( "set", "3", "<data xmlns='" + ibb + "' sid='" + sid + "' seq='0'>SGVsbG8=</data>" ),
                               iq( "set", "4", "<close xmlns='" + ibb + "' sid='" + sid + "'/>" ) } )
      {
        m_entity.feed( xml );
        process();
      }
    }

    ScriptedClient m_entity{ Juliet };
    std::unique_ptr<gloox::SIManager> m_initiation{};
    std::unique_ptr<gloox::SOCKS5BytestreamManager> m_socks5{};
    std::unique_ptr<gloox::SOCKS5BytestreamServer> m_server{};
    std::unique_ptr<Files> m_files{};
    std::unique_ptr<Bot> m_plugin{};
    int m_streams = 0;
};

/// Files use the managers that were there when they were made; gloox's profile needs its SIManager until its own end.
bool allowed( const std::string& made, const std::string& destroyed )
{
  return made.find( 'i' ) > made.find( 'f' ) || destroyed.find( 'f' ) < destroyed.find( 'i' );
}

/** @return The answer to disco#info after these things were made and destroyed, without a plugin in the world. */
std::string expectedDisco( const std::string& made, const std::string& destroyed )
{
  static std::map<std::string, std::string> known;
  const auto without = []( std::string things )
  {
    things.erase( std::remove( things.begin(), things.end(), 'p' ), things.end() );
    return things;
  };
  auto& answer = known[without( made ) + "-" + without( destroyed )];
  if( answer.empty() )
  {
    Things things;
    for( const char thing : without( made ) )
      things.make( thing );
    for( const char thing : without( destroyed ) )
      things.destroy( thing );
    answer = things.disco();
  }
  return answer;
}

} // namespace

TEST_CASE( "ADV-7, CLS-10: stock objects and the plugin may be made and destroyed in any order; transfers work before, meanwhile and after", "[beside]" )
{
  int orders = 0;
  std::string made = Things::All;
  std::sort( made.begin(), made.end() );
  do
  {
    CAPTURE( made );
    std::string destroyed = made;
    std::sort( destroyed.begin(), destroyed.end() );
    do
    {
      CAPTURE( destroyed );
      if( !allowed( made, destroyed ) )
        continue;
      ++orders;
      Things things;
      const bool turns = orders % 2 == 0;   // the plugin gets a turn after each change, or not
      for( std::size_t i = 0; i < made.size(); ++i )
      {
        if( made[i] == 'p' && things.has( 'f' ) )
          REQUIRE( things.transfer() );
        things.make( made[i] );
        if( turns )
          things.process();
      }
      REQUIRE( things.transfer() );
      REQUIRE( things.pluginTransfer() );
      for( std::size_t i = 0; i < destroyed.size(); ++i )
      {
        things.destroy( destroyed[i] );
        if( turns )
          things.process();
        if( !things.has( 'p' ) )
          REQUIRE( things.disco() == expectedDisco( made, destroyed.substr( 0, i + 1 ) ) );
        if( destroyed[i] == 'p' && things.has( 'f' ) )
          REQUIRE( things.transfer() );
        if( destroyed[i] != 'p' && things.has( 'p' ) )
          REQUIRE( things.pluginTransfer() );
      }
    } while( std::next_permutation( destroyed.begin(), destroyed.end() ) );
  } while( std::next_permutation( made.begin(), made.end() ) );
  CHECK( orders == 24 * 24 * 3 / 4 );
}
