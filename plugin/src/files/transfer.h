// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/filetransfer.h>
#include <gloox-si-multiple/multibytestream.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include "files/note.h"
#include "files/ratemeter.h"
#include "files/throttle.h"
#include "net/eventloop.h"

#include <gloox/bytestreamdatahandler.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gloox
{
class Tag;
}

namespace simultiple::files
{

class Profile;

/// Whoever keeps transfers: a FileSender or a FileReceiver.
class TransferOwner
{
  public:
    virtual ~TransferOwner() = default;
    /** It has ended, and is to be forgotten: not destroyed before the present turn is over, since it may be on the stack. */
    virtual void transferEnded( class Transfer& transfer ) = 0;
};

/// How a session of a transfer ended.
struct SessionEnd
{
  Cause cause = Cause::IoError;
  std::string text{};
  bool opened = false;          ///< It had had an open stream.
  std::string method{};
  std::uint64_t sent = 0;       ///< Payload
  std::uint64_t received = 0;   ///< Payload
  bool taken = false;           ///< Report::taken

  /** @return Whether one of the sides closed the stream in good order. */
  [[nodiscard]] bool closed() const { return cause == Cause::ClosedLocal || cause == Cause::ClosedRemote; }
};

/**
 * What the two directions of a file transfer share: the session and its stream, the notes, the pace, the progress, and the promise
 * of exactly one end.
 */
class Transfer : public FileTransfer, public std::enable_shared_from_this<Transfer>, protected gloox::BytestreamDataHandler
{
  public:
    /** @param handler Null: nobody hears of it. */
    Transfer( Profile& profile, TransferOwner& owner, FileTransferHandler* handler, std::chrono::milliseconds progressEvery );
    ~Transfer() override;
    Transfer( const Transfer& ) = delete;
    Transfer& operator=( const Transfer& ) = delete;

    // FileTransfer
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] const gloox::JID& peer() const override { return m_peer; }
    [[nodiscard]] const std::string& sid() const override { return m_sid; }
    [[nodiscard]] const FileInfo& info() const override { return m_info; }
    [[nodiscard]] FileProgress progress() const override;
    void pause() override;
    void resume() override;
    [[nodiscard]] bool paused() const override { return m_paused; }
    void setLimit( std::uint64_t bytesPerSecond ) override;
    void cancel() override;

    // ---- from the profile
    /** @return false if the answer breaks PFT-9. */
    [[nodiscard]] virtual bool answered( Dialect dialect, const std::vector<std::string>& methods, const gloox::Tag& si );
    void attempted( const Attempt& attempt );
    void streamCame( std::shared_ptr<MultiBytestream> stream );
    void sessionEnded( Cause cause, const std::string& text, const Report& report );
    void noteCame( const Note& note );

    /** The owner goes away: the session is given up, and nobody hears of it. */
    void silence();

    /** Does @a what, which is its work. @return false if an exception came out of that: then it ends (CLS-12). */
    template<typename Work>
    bool work( const Work& what )
    {
      const auto self = shared_from_this();
      return loop().roster().run( m_duty, what );
    }

  protected:
    /// Why the transfer is to end, once the session has.
    struct Stop
    {
      FileCause cause;
      std::string text;
      bool byPeer;
    };

    // ---- what the directions do
    [[nodiscard]] virtual std::uint64_t position() const = 0;         ///< FileProgress::bytes, while there is a stream
    virtual void streamOpened() = 0;
    virtual void sessionOver( const SessionEnd& end ) = 0;            ///< Not stopped: decide what comes.
    virtual void noteHeard( const Note& note ) = 0;                   ///< Any but Stopped.
    virtual void paceChanged() = 0;                                   ///< pause(), resume(), setLimit(), or the throttle has let go.
    virtual void stopping( const Stop& stop ) = 0;                    ///< stop() was called, by us or the peer: move nothing any more.
    virtual void ended() = 0;                                         ///< Let go of everything but what can still be asked for.

    // ---- what they use
    [[nodiscard]] net::EventLoop& loop() const;
    void setState( State state );
    void begin( const gloox::JID& peer, const std::string& sid );     ///< A session of this transfer is there.
    void abandonSession() noexcept;                                   ///< Another session takes its place; nothing more is heard of this one.
    void say( const Note& note, std::function<void( NoteAnswer )> answered = {} );
    /** PFT-13: ends the transfer for a reason of our own, and tells the peer. @param toPeer What it hears of @a text: no path of ours. */
    void stop( FileCause cause, const std::string& text, const std::string& toPeer );
    void end( const Stop& stop );                                     ///< Once; then the owner forgets us.
    void waitForThrottle();
    void closeInTime( net::Alarm& alarm );                            ///< As receiver: everything is here, and the sender is to close.
    void debug( const std::string& text ) const;
    [[nodiscard]] bool live() const { return m_live; }                ///< There is a session.
    [[nodiscard]] bool opened() const { return m_opened; }            ///< With an open stream.
    [[nodiscard]] bool stopped() const { return m_stop.has_value(); }

    Profile& m_profile;
    FileTransferHandler* m_handler;          ///< Null once silenced.
    FileInfo m_info{};
    FileResult m_result{};
    Throttle m_throttle{};
    bool m_paused = false;
    std::shared_ptr<MultiBytestream> m_stream{};

  private:
    void detachStream();
    void giveUpSession();
    [[nodiscard]] bool giveUp();
    void begun();
    void tick();
    void askWhetherAlive();
    [[nodiscard]] std::uint64_t reached() const { return m_stream && m_opened ? position() : m_reached; }

    // gloox::BytestreamDataHandler
    void handleBytestreamError( gloox::Bytestream*, const gloox::IQ& ) override {} // sessionEnded() tells
    void handleBytestreamOpen( gloox::Bytestream* stream ) override;
    void handleBytestreamClose( gloox::Bytestream* ) override {}                   // so does this

    const std::shared_ptr<net::Duty> m_duty = std::make_shared<net::Duty>();
    TransferOwner* m_owner;
    const std::chrono::milliseconds m_progressEvery;
    const TimePoint m_begun;
    gloox::JID m_peer{};
    std::string m_sid{};
    State m_state = State::Preparing;
    std::optional<Stop> m_stop{};
    RateMeter m_rate{};
    net::Alarm m_tick;
    net::Alarm m_throttled;
    std::uint64_t m_shown = 0;               ///< reached() as last reported
    std::uint64_t m_reached = 0;             ///< position() when the last stream ended
    TimePoint m_moved{};                     ///< When a byte, or a sign of life, was seen last
    bool m_asking = false;                   ///< PFT-17
    bool m_live = false;
    bool m_opened = false;
};

} // namespace simultiple::files
