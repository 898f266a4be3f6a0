// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/report.h>
#include <gloox-si-multiple/siprofilemultiple.h>
#include <gloox-si-multiple/siprofilemultiplehandler.h>

#include "airlock/airlock.h"
#include "methods/method.h"
#include "net/eventloop.h"
#include "protocol/stanzaerror.h"
#include "session/log.h"
#include "session/stream.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace simultiple::session
{

/// What a session needs of the plugin around it.
class SessionHost
{
  public:
    virtual ~SessionHost() = default;
    [[nodiscard]] virtual methods::Shared& shared() = 0;
    [[nodiscard]] virtual const methods::Method* method( const std::string& name ) const = 0;
    [[nodiscard]] virtual const methods::Method* methodOf( const airlock::Stanza& opening ) const = 0;
    [[nodiscard]] virtual const Log& log() const = 0;
    [[nodiscard]] virtual gloox::LogSink& sink() = 0;
    /** The session has ended: keep a tombstone and destroy it from the outer loop. */
    virtual void sessionEnded( class Session& session ) noexcept = 0;
    /** Something that a session needs no more, to be destroyed from the outer loop. */
    virtual void bury( std::shared_ptr<void> dead ) = 0;
    virtual void work( int timeout ) = 0;   ///< MultiBytestream::recv()
};

/**
 * One offer and what comes of it: the shell around a machine. Holds what both roles share: the stream, the timers, the report, and
 * the promise of exactly one end (GEN-10).
 */
class Session : public StreamOwner, protected methods::MethodHandler
{
  public:
    Session( SessionHost& host, methods::StreamId id, std::string profile, SIProfileMultipleHandler& handler, bool initiator );
    ~Session() override;
    Session( const Session& ) = delete;
    Session& operator=( const Session& ) = delete;

    [[nodiscard]] const methods::StreamId& id() const { return m_id; }
    [[nodiscard]] const std::string& profile() const { return m_profile; }
    /** Of this profile and this handler: a retired profile's namespace may have another one by now. */
    [[nodiscard]] bool belongsTo( const std::string& profile, const SIProfileMultipleHandler& handler ) const
    {
      return m_profile == profile && m_handler == &handler;
    }
    [[nodiscard]] const SIProfileMultipleHandler* handler() const { return m_handler; }
    [[nodiscard]] bool initiator() const { return m_report.initiator; }
    [[nodiscard]] bool over() const { return m_over; }
    /** @return Airlock::era() when it began: the loss of a later connection is its end. */
    [[nodiscard]] std::uint64_t era() const { return m_era; }
    /** CLS-12: in whose name all its work is done. */
    [[nodiscard]] const std::shared_ptr<net::Duty>& duty() const { return m_duty; }
    /** Does @a work in its name. @return false if an exception came out of it; then giveUp() is due. */
    template<typename Work>
    bool work( const Work& what )
    {
      return shared().loop.roster().run( m_duty, what );
    }
    /** cancel() in its name: if there is no memory for that, the next turn ends it. */
    void stop( bool abort ) { (void)work( [&] { cancel( abort ); } ); }
    /** @return Whether something of its is on the stack. */
    [[nodiscard]] virtual bool busy() const = 0;
    /** @return The list that was agreed on; empty before. */
    [[nodiscard]] const std::vector<std::string>& acceptedMethods() const { return m_report.methods; }
    /** @return The error with which the peer refused our offer; empty if it did not. */
    [[nodiscard]] const protocol::ReceivedError& refusal() const { return m_refusal; }

    virtual void handleStanza( const airlock::Stanza& stanza ) = 0;
    /** PCU-7, PCU-8: see ProfileOptions::noteNamespace, aliveNote and notesAfterEnd. */
    void setNotes( const ProfileOptions& options )
    {
      m_notes = options.noteNamespace;
      m_aliveNote = options.aliveNote;
      m_notesAfterEnd = options.notesAfterEnd;
    }
    [[nodiscard]] std::size_t notesLeft() const { return MaxNotes - std::min( m_notesHeard, MaxNotes ); }
    static constexpr std::size_t MaxNotes = 8;   ///< PCU-10: at once
    static constexpr std::chrono::minutes NoteEvery{ 1 };   ///< PCU-10: one more
    [[nodiscard]] const std::string& notes() const { return m_notes; }
    [[nodiscard]] const std::string& aliveNote() const { return m_aliveNote; }
    virtual void cancel( bool abort ) = 0;
    virtual void disconnected() = 0;
    virtual void peerUnavailable();   ///< CLS-8
    /** CLS-4: an answer may still come that wants a word; the tombstone then keeps this object. */
    [[nodiscard]] virtual bool awaitsLateAnswer() const { return false; }
    /** Nobody must be told any more: the profile's owner is going away. */
    void silence();

  protected:
    // StreamOwner
    [[nodiscard]] bool streamWait( int timeout ) override;
    bool streamWork( const std::function<void()>& what ) override { return work( what ); }

    // methods::MethodHandler
    void handleMethodAttempt( Attempt attempt ) override;

    [[nodiscard]] MultiBytestream::Private& stream() const { return m_stream->priv(); }
    [[nodiscard]] const methods::Shared& shared() const { return m_host.shared(); }
    [[nodiscard]] methods::Shared& shared() { return m_host.shared(); }
    void startTimer( Timer timer, std::function<void()> fire );
    void stopTimer( Timer timer );
    void reportMethod( const std::string& method, Attempt::State state, const std::string& reason = {} );
    void openStream( const std::string& method );       ///< handleStream(), then handleBytestreamOpen()
    void changeStream( const std::string& method );
    void conclude( Cause cause, const std::string& reason ); ///< handleEnd(), once
    void dropChannel();
    [[nodiscard]] bool giveUp();   ///< CLS-12
    /** @return Whether the peer learns from a W-24, and perhaps from nothing else, that it is over. */
    [[nodiscard]] virtual bool endsInBand() const;
    /** CLS-7: the XMPP connection is lost. @return Whether the stream lives on; if not, it is closed. */
    [[nodiscard]] bool closeUnlessSurviving();
    void handleNote( const airlock::Stanza& stanza );   ///< PCU-8, PCU-10
    void debug( const std::string& text ) const;

    SessionHost& m_host;
    methods::StreamId m_id;
    Privacy m_privacy;                     ///< SEC-16; as receiver: once accepted
    std::string m_profile;
    std::uint64_t m_era;
    SIProfileMultipleHandler* m_handler;   ///< Null once silenced.
    Report m_report{};
    protocol::ReceivedError m_refusal{};

  private:
    std::shared_ptr<net::Duty> m_duty = std::make_shared<net::Duty>();
    std::shared_ptr<MultiBytestream> m_stream;
    std::unique_ptr<methods::Channel> m_dead{};   ///< Has carried the stream; we may be inside one of its callbacks
    std::map<Timer, std::unique_ptr<net::Alarm>> m_alarms{};
    TimePoint m_begun;
    TimePoint m_methodBegun{};
    std::string m_notes{};
    std::string m_aliveNote{};
    bool m_notesAfterEnd = false;
    std::size_t m_notesHeard = 0;   ///< Without those that time has made up for
    TimePoint m_notesSince;         ///< Up to here it has
    bool m_notesTooMany = false;    ///< That was reported.
    bool m_over = false;
};

} // namespace simultiple::session
