// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A FileSender and a FileReceiver on one hub, with real files and real loopback sockets.

#pragma once

#include <gloox-si-multiple/fileprofile.h>
#include <gloox-si-multiple/filereceiver.h>
#include <gloox-si-multiple/filesender.h>

#include "support/bot.h"
#include "support/catch2.h"
#include "support/harness.h"
#include "support/temporarydirectory.h"

#include "files/digest.h"
#include "files/jobs.h"
#include "files/profile.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/** @return Bytes that do not repeat soon. */
inline std::string content( std::size_t size, unsigned seed = 1 )
{
  std::string bytes( size, '\0' );
  for( auto& byte : bytes )
    byte = static_cast<char>( ( seed = seed * 1664525U + 1013904223U ) >> 24 );
  return bytes;
}

inline std::string sha256( const std::string& bytes )
{
  files::Digest digest( files::Digest::Algorithm::Sha256 );
  digest.update( bytes );
  return digest.hex();
}

/// Remembers what a handler hears, and does what it is told.
class Heard final : public FileReceiverHandler
{
  public:
    FileReceiver* receiver = nullptr;   ///< Accepts offers with it
    bool accepts = true;
    std::function<void( FileTransfer& )> onProgress{};
    std::function<void( FileTransfer& )> onOpen{};
    std::function<void( FileTransfer& )> onEnd{};
    std::function<void( const Offer& )> onOffer{};

    std::vector<std::shared_ptr<FileTransfer>> accepted{};
    std::vector<FileResult> ends{};
    std::vector<std::uint64_t> offsets{};      ///< Of the streams
    std::vector<std::string> methods{};        ///< Of the streams
    std::vector<std::uint64_t> progress{};
    std::vector<std::string> offers{};         ///< Names
    std::vector<std::string> offerEnds{};
    std::vector<std::string> limits{};
    int interruptions = 0;

    [[nodiscard]] std::string cause() const { return ends.empty() ? "" : fileCauseText( ends.back().cause ); }

    void handleFileOffer( const Offer& offer, const FileInfo& info ) override
    {
      const Harness ours;
      offers.push_back( info.name );
      if( onOffer )
        onOffer( offer );
      if( !receiver || !accepts )
        return;
      std::shared_ptr<FileTransfer> transfer;
      {
        const Subject plugin;
        transfer = receiver->accept( offer );
      }
      if( transfer )
        accepted.push_back( std::move( transfer ) );
    }
    void handleFileOfferEnd( const std::string&, const gloox::JID&, Cause, const std::string& text ) override
    {
      const Harness ours;
      offerEnds.push_back( text );
    }
    void handleFileLimit( const gloox::JID& peer, const std::string& what ) override { limits.push_back( peer.full() + ": " + what ); }
    void handleFileOpen( FileTransfer& transfer, std::uint64_t offset ) override
    {
      const Harness ours;
      offsets.push_back( offset );
      methods.push_back( methodName( transfer.progress().method ) );
      if( onOpen )
        onOpen( transfer );
    }
    void handleFileProgress( FileTransfer& transfer, const FileProgress& news ) override
    {
      const Harness ours;
      progress.push_back( news.bytes );
      if( onProgress )
        onProgress( transfer );
    }
    void handleFileInterrupted( FileTransfer&, Cause, const std::string&, std::chrono::milliseconds ) override { ++interruptions; }
    void handleFileEnd( FileTransfer& transfer, const FileResult& result ) override
    {
      const Harness ours;
      ends.push_back( result );
      if( onEnd )
        onEnd( transfer );
    }
};

/// romeo sends, juliet receives. Time stands still unless it is moved; sockets, disks and helper threads are real.
struct FilePair
{
  explicit FilePair( const std::vector<std::string>& methods = {}, const FileReceiveOptions& receive = FileReceiveOptions(),
                     const std::function<void( Options& sender, Options& receiver )>& tune = {} )
    : receiveOptions( receive ), romeoClient( hub.join( Romeo ) ), julietClient( hub.join( Juliet ) )
  {
    auto romeo = testOptions( clock );
    auto juliet = testOptions( clock );
    if( !methods.empty() )
      romeo.methods = methods;
    romeo.limits.writeBuffer = 65536;   // so that there is something to interrupt
    if( tune )
      tune( romeo, juliet );
    romeoStreams = std::make_unique<SIMultipleManager>( romeoClient.client(), romeo );
    julietStreams = std::make_unique<SIMultipleManager>( julietClient.client(), juliet );
    romeoFiles = std::make_unique<FileProfile>( *romeoStreams );
    julietFiles = std::make_unique<FileProfile>( *julietStreams );
    makeSender();
    makeReceiver();
    romeoStreams->enable();
    julietStreams->enable();
    settle();
  }

  void makeSender() { sender = std::make_unique<FileSender>( *romeoFiles, sent ); }
  void makeReceiver()
  {
    receiver = std::make_unique<FileReceiver>( *julietFiles, inbox.path(), received, receiveOptions );
    received.receiver = receiver.get();
  }

  [[nodiscard]] Managers managers() const { return { romeoStreams.get(), julietStreams.get() }; }
  [[nodiscard]] bool until( const std::function<bool()>& done )
  {
    return runManagersUntil( managers(), [this] { return hub.run() > 0; }, done );
  }
  /** As until(), with time going on: for what waits between two tries, or for a throttle. */
  [[nodiscard]] bool later( const std::function<bool()>& done )
  {
    return until( [&]
    {
      if( !done() )
        clock->advance( std::chrono::milliseconds( 10 ) );
      return done();
    } );
  }
  void settle() { settleManagers( managers(), [this] { return hub.run() > 0; } ); }
  [[nodiscard]] bool bothEnded() const { return !sent.ends.empty() && !received.ends.empty(); }

  std::shared_ptr<FileTransfer> send( const std::string& bytes, const FileSendOptions& options = FileSendOptions() )
  {
    outbox.write( "letter.txt", bytes );
    auto transfer = sender->send( gloox::JID( Juliet ), outbox.file( "letter.txt" ), options );
    INFO( sender->problem() );
    REQUIRE( transfer );
    return transfer;
  }

  /** The receiver's end of the present stream breaks, without a word. */
  void cutAtReceiver() { (void)julietFiles->priv().profile.si().cancel( gloox::JID( Romeo ), received.accepted.back()->sid() ); }
  /** The sender's. */
  void cutAtSender( const FileTransfer& transfer ) { (void)romeoFiles->priv().profile.si().cancel( gloox::JID( Juliet ), transfer.sid() ); }

  FileReceiveOptions receiveOptions;
  TemporaryDirectory outbox{};
  TemporaryDirectory inbox{};
  Heard sent{};
  Heard received{};
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Hub hub{ "capulet.example" };
  ScriptedClient& romeoClient;
  ScriptedClient& julietClient;
  std::unique_ptr<SIMultipleManager> romeoStreams{};
  std::unique_ptr<SIMultipleManager> julietStreams{};
  std::unique_ptr<FileProfile> romeoFiles{};
  std::unique_ptr<FileProfile> julietFiles{};
  std::unique_ptr<FileSender> sender{};
  std::unique_ptr<FileReceiver> receiver{};
};

/// Fills all places for helper threads until @a over has come.
[[nodiscard]] inline std::vector<std::unique_ptr<files::Jobs::Job>> occupy( files::Jobs& jobs, const std::shared_future<void>& over )
{
  std::vector<std::unique_ptr<files::Jobs::Job>> others;
  for( std::size_t i = 0; i < files::Jobs::AtOnce; ++i )
    others.push_back( jobs.run( [over]( const std::atomic<bool>& ) { over.wait(); }, []( const std::string& ) {}, files::Jobs::AtEnd::Join ) );
  return others;
}

inline const std::string Notes = "urn:x-gloox-si-multiple:files:0";

/// What a server says for a client that is not there, and a client to what it does not know.
inline std::string unavailable( const std::string& note )
{
  return "<iq type='error' id='" + attribute( note, "id" ) + "' from='" + Juliet + "' to='" + Romeo +
         "'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
}

/** Holds back the first stanza with @a part in it, in @a held, for Hub::inject(). */
inline void holdFirst( Hub& hub, const std::string& part, std::string& held )
{
  hub.setFilter( [part, &held]( std::string& xml )
  {
    if( xml.find( part ) == std::string::npos || !held.empty() )
      return true;
    held = xml;
    return false;
  } );
}

/// juliet waits for the question whether she has everything less long than romeo for its answer.
inline void impatient( Options&, Options& juliet )
{
  juliet.uncheckedTimeouts = true;
  juliet.timeouts.set( Timer::Note, std::chrono::milliseconds( 100 ) );
}

inline FileReceiveOptions waiting()
{
  FileReceiveOptions options;
  options.wait = std::chrono::seconds( 300 );
  return options;
}

} // namespace simultiple::test
