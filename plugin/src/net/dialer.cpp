// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/dialer.h"

#include "net/dialattempt.h"

#include <algorithm>
#include <utility>

namespace simultiple::net
{

/// The order of S5B-11. What one attempt does is DialAttempt's business.
struct Dialer::Private final : public DialAttemptOwner, public std::enable_shared_from_this<Private>
{
  using Stage = DialAttempt::Stage;
  using Attempts = std::vector<std::unique_ptr<DialAttempt>>;

  Private( EventLoop& l, Resolver& r, DialOptions o, DialHandler& h )
    : loop( l ), resolver( r ), options( o ), handler( h ), beginning( l ), stagger( l ), mute( l )
  {
  }

  void attemptChanged( DialAttempt& attempt ) override;
  [[nodiscard]] bool othersWait() const override;
  [[nodiscard]] std::shared_ptr<void> held() override { return shared_from_this(); }
  void shut();
  void win( DialAttempt& attempt );
  void failed( DialAttempt& attempt );
  void startNext();
  [[nodiscard]] DialAttempt* choose();
  [[nodiscard]] bool anyLive() const;
  [[nodiscard]] bool blocked( const DialAttempt& candidate ) const;

  EventLoop& loop;
  Resolver& resolver;
  const DialOptions options;
  DialHandler& handler;
  Attempts attempts{};
  Alarm beginning;
  Alarm stagger;
  Alarm mute;         ///< Somebody has a connection and should have said something by now.
  bool started = false;
  bool dead = false;  ///< Won, exhausted or deleted: nothing more is told.
};

Dialer::Dialer( EventLoop& loop, Resolver& resolver, DialOptions options, DialHandler& handler )
  : d( std::make_shared<Private>( loop, resolver, options, handler ) )
{
}

Dialer::~Dialer()
{
  d->shut();
}

void Dialer::start( std::vector<DialTarget> targets, const std::string& dstAddr )
{
  if( d->started )
    return;
  d->started = true;
  for( auto& target : targets )
  {
    const std::size_t index = d->attempts.size();
    d->attempts.push_back( std::make_unique<DialAttempt>( d->loop, d->resolver, d->options, *d, index,
                                                          std::move( target ), dstAddr ) );
  }
  d->beginning.start( std::chrono::milliseconds::zero(), [p = d.get()]() { p->startNext(); } );
}

bool Dialer::tried( std::size_t target ) const
{
  return target < d->attempts.size() && d->attempts[target]->tried();
}

void Dialer::Private::shut()
{
  dead = true;
  beginning.stop();
  stagger.stop();
  mute.stop();
  for( const auto& attempt : attempts )
    attempt->giveUp( {} );
}

bool Dialer::Private::othersWait() const
{
  return std::any_of( attempts.begin(), attempts.end(), []( const auto& a ) { return a->stage() == Stage::Waiting; } );
}

bool Dialer::Private::anyLive() const
{
  return std::any_of( attempts.begin(), attempts.end(), []( const auto& a ) { return a->live(); } );
}

bool Dialer::Private::blocked( const DialAttempt& candidate ) const
{
  return std::any_of( attempts.begin(), attempts.end(),
                      [this, &candidate]( const auto& a )
                      {
                        const bool sameJid = a->target().jid == candidate.target().jid;
                        const auto firstWord = a->firstWordUntil();
                        const bool late = firstWord && *firstWord <= loop.now();
                        const bool peerShakes = a->stage() == Stage::Handshake && a->target().ofPeer && !late;
                        return a->live() && ( sameJid || peerShakes ); // S5B-11 (a), (b)
                      } );
}

DialAttempt* Dialer::Private::choose()
{
  for( const auto& attempt : attempts )
    if( attempt->stage() == Stage::Waiting && !blocked( *attempt ) )
      return attempt.get();
  return nullptr;
}

/// Starts one more target if one may be started; those that fail on the spot are told and the one after them is taken.
void Dialer::Private::startNext()
{
  const auto self = shared_from_this();
  while( !dead )
  {
    const bool oneByOne = options.stagger <= std::chrono::milliseconds::zero();
    DialAttempt* next = oneByOne && anyLive() ? nullptr : choose();
    if( !next )
      break;

    handler.handleDialStarted( next->index() );
    if( dead )
      return;
    next->begin();
    if( dead )
      return;
    if( next->live() )
    {
      mute.stop();   // whoever was waited for holds nobody back any more; the one after this has its stagger
      if( !oneByOne && othersWait() )
        stagger.start( options.stagger, [this]() { startNext(); } );
      return;
    }
    handler.handleDialFailed( next->index(), next->reason(), next->took() );
  }

  if( !dead && !anyLive() && !othersWait() )
  {
    dead = true;
    stagger.stop();
    mute.stop();
    handler.handleDialExhausted();
  }
}

void Dialer::Private::attemptChanged( DialAttempt& attempt )
{
  const auto self = shared_from_this();
  if( dead )
    return;
  if( attempt.stage() == Stage::Won )
    win( attempt );
  else if( attempt.stage() == Stage::Failed )
    failed( attempt );
  else if( const auto firstWord = attempt.firstWordUntil(); firstWord && attempt.target().ofPeer && othersWait() )
    mute.start( std::chrono::ceil<std::chrono::milliseconds>( *firstWord - loop.now() ), [this]() { startNext(); } );
}

void Dialer::Private::win( DialAttempt& attempt )
{
  Fd fd = attempt.takeFd();
  auto early = attempt.takePayload();
  const auto took = attempt.took();
  shut(); // S5B-11: the others are closed before anybody hears of the winner
  handler.handleDialed( attempt.index(), std::move( fd ), std::move( early ), took );
}

void Dialer::Private::failed( DialAttempt& attempt )
{
  handler.handleDialFailed( attempt.index(), attempt.reason(), attempt.took() );

  // S5B-11 (a): a second connection to a listener that answered once and failed would do harm.
  for( std::size_t i = 0; !dead && attempt.connected() && i < attempts.size(); ++i )
  {
    DialAttempt& other = *attempts[i];
    if( other.stage() != Stage::Waiting || other.target().jid != attempt.target().jid )
      continue;
    other.giveUp( "not tried: its owner's listener answered and failed" );
    handler.handleDialFailed( other.index(), other.reason(), other.took() );
  }
  startNext();
}

} // namespace simultiple::net
