// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "soak/transfers.h"

#include "files/profile.h"

#include <cstdio>
#include <filesystem>
#include <utility>

namespace simultiple::soak
{

using namespace std::chrono_literals;

namespace
{

constexpr std::size_t Parts = 8;

FileReceiveOptions receiveOptions()
{
  FileReceiveOptions options;
  options.parts = Parts;
  options.wait = 300s;
  return options;
}

} // namespace

/// One side: sends and receives, and looks that each transfer ends once.
class Transfers::End final : public FileReceiverHandler
{
  public:
    End( Transfers& all, SIMultipleManager& manager ) : profile( manager ), receiver( profile, inbox.path(), *this, receiveOptions() ), sender( profile, *this ), m_all( all ) {}

    TemporaryDirectory inbox{};
    FileProfile profile;
    FileReceiver receiver;
    FileSender sender;
    std::map<const FileTransfer*, std::shared_ptr<File>> live{};

  private:
    void handleFileOffer( const Offer& offer, const FileInfo& info ) override
    {
      if( offer.peer.full() != m_all.m_bot && offer.peer.server() != m_all.m_domain )   // somebody's offer, repeated by a stranger
        return void( receiver.decline( offer ) );
      const auto found = m_all.m_files.find( info.name );
      if( found == m_all.m_files.end() )
        return m_all.m_stage.wrong( "a file that nobody sent" );
      const auto file = found->second;
      if( file->fate == Fate::Declined )
        return void( receiver.decline( offer ) );
      if( const auto transfer = receiver.accept( offer ) )
      {
        file->received = true;
        file->got.reset();
        live[transfer.get()] = file;
      }
      else
        file->disturbed = true;
    }
    void handleFileOffered( FileTransfer& ) override { ++m_all.sessions; }
    void handleFileProgress( FileTransfer& transfer, const FileProgress& progress ) override
    {
      const auto found = live.find( &transfer );
      if( found == live.end() || found->second->struck || progress.bytes < progress.size / 3 )
        return;
      const auto file = found->second;
      const bool mine = file->fate == Fate::Interrupted || file->fate == ( transfer.outgoing() ? Fate::CancelledBySender : Fate::CancelledByReceiver );
      if( !mine || std::exchange( file->struck, true ) )
        return;
      if( file->fate != Fate::Interrupted )
      {
        file->disturbed = true;
        return transfer.cancel();
      }
      m_all.m_stage.later( 0ms, [this, peer = transfer.peer(), sid = transfer.sid()] { (void)profile.priv().profile.si().cancel( peer, sid ); } );
    }
    void handleFileEnd( FileTransfer& transfer, const FileResult& result ) override
    {
      const auto found = live.find( &transfer );
      if( found == live.end() )
        return m_all.m_stage.wrong( "an end of a file transfer that is not there" );
      const auto file = found->second;
      live.erase( found );
      ( transfer.outgoing() ? file->sent : file->got ) = result;
      if( result.cause == FileCause::Complete && result.streams > 1 && !transfer.outgoing() )
        ++m_all.resumed;
      m_all.m_stage.later( 2s, [&all = m_all, name = file->name] { all.judge( name ); } );
    }

    Transfers& m_all;
};

Transfers::Transfers( Stage& stage, const std::string& bot, Party& botParty, const std::string& domain, Party& other )
  : m_stage( stage ), m_bot( bot ), m_domain( domain ), m_botEnd( std::make_unique<End>( *this, botParty.manager ) ),
    m_otherEnd( std::make_unique<End>( *this, other.manager ) )
{
}

Transfers::~Transfers() = default;

void Transfers::start()
{
  static constexpr Fate Fates[] = { Fate::Whole, Fate::Whole, Fate::Whole, Fate::Interrupted, Fate::Interrupted, Fate::Declined, Fate::CancelledBySender, Fate::CancelledByReceiver };
  auto file = std::make_shared<File>();
  const auto n = std::to_string( m_started++ );
  file->fate = Fates[m_stage.below( 8 )];
  file->botSends = m_stage.oneIn( 2 );
  file->name = "file" + n;
  file->content.resize( 1 + m_stage.below( 60000 ) );
  for( auto& byte : file->content )
    byte = static_cast<char>( m_stage.below( 256 ) );
  m_outbox.write( file->name, file->content );

  auto& end = file->botSends ? *m_botEnd : *m_otherEnd;
  const std::string jid = "f" + n + "@" + m_domain + "/files";
  FileSendOptions options;
  options.from = gloox::JID( jid );
  if( m_stage.oneIn( 3 ) )
    options.methods = { gloox::XMLNS_IBB };
  if( file->fate != Fate::Whole && file->fate != Fate::Declined )
    options.limit = 1 + file->content.size() / 10;   // so that there is time to interrupt it
  const auto transfer = end.sender.send( gloox::JID( file->botSends ? jid : m_bot ), pathOf( file->name ), options );
  if( !transfer )
    return m_stage.wrong( "no file transfer: " + end.sender.problem() );
  end.live[transfer.get()] = file;
  m_files[file->name] = file;
}

void Transfers::disturb()
{
  for( const auto& entry : m_files )
    entry.second->disturbed = true;
}

void Transfers::judge( const std::string& name )
{
  const auto found = m_files.find( name );
  if( found == m_files.end() )
    return;
  const auto file = found->second;
  if( !file->sent || ( file->received && !file->got ) )
    return;
  m_files.erase( found );
  (void)std::remove( pathOf( name ).c_str() );
  const bool complete = file->got && file->got->cause == FileCause::Complete;
  if( complete )
  {
    const auto& inbox = ( file->botSends ? m_otherEnd : m_botEnd )->inbox;
    // PFT-14: twice if the receiver's word was lost the first time.
    for( std::string copy = name; copy == name || std::filesystem::exists( inbox.file( copy ) ); copy = name + " (1)" )
    {
      if( inbox.read( copy ) != file->content )
        m_stage.wrong( "another file than was sent" );
      (void)std::remove( inbox.file( copy ).c_str() );
    }
    ++completed;
  }
  const bool wanted = file->fate == Fate::Whole || file->fate == Fate::Interrupted;
  if( wanted && !file->disturbed && ( !complete || file->sent->cause != FileCause::Complete ) )
    m_stage.wrong( "file: sender " + std::string( fileCauseText( file->sent->cause ) ) + " (" + file->sent->text + "), receiver "
                   + ( file->got ? fileCauseText( file->got->cause ) + ( " (" + file->got->text + ")" ) : "none" ) );
}

void Transfers::checkRest()
{
  for( const End* end : { m_botEnd.get(), m_otherEnd.get() } )
  {
    if( end->sender.transfers() + end->receiver.transfers() + end->live.size() > 0 )
      m_stage.wrong( "at rest: a file transfer that has not ended" );
    if( end->inbox.entries() > Parts )
    {
      std::string names;
      for( const auto& entry : std::filesystem::directory_iterator( end->inbox.path() ) )
        names += ' ' + entry.path().filename().string();
      m_stage.wrong( "PFT-16: too many parts:" + names );
    }
  }
  if( m_outbox.entries() > 0 )
    m_stage.wrong( "at rest: a file that nobody fetched" );
}

} // namespace simultiple::soak
