// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/cause.h>
#include <gloox-si-multiple/timeouts.h>

#include <cstddef>
#include <string>
#include <vector>

namespace simultiple::negotiation
{

/// What the method found when it looked at an opening, before the list is asked.
enum class Opening
{
  Good,      ///< Can be served, or will fail later by itself (no streamhost).
  TooLarge,  ///< IBB block-size above our maximum: `resource-constraint`; does not use the method up (NEG-22).
  Malformed, ///< `bad-request`: changes nothing.
  Unusable   ///< S5B `udp`: `not-acceptable`, and the method counts as failed.
};

/**
 * The receiver's machine of PROTOCOL 3.2. Pure. "Accepting" is S5B-Connecting, Other-Accepting; an IBB open passes it in one
 * step. At most one method is being accepted, tentative or open (NEG-21).
 *
 * state \ event | opening, later in list | opening, else       | accepted (method) | failed (method)       | W-24        | payload in
 * --------------+------------------------+---------------------+-------------------+-----------------------+-------------+-----------
 * Offered       | refused 6              | refused 6           | -                 | -                     | Ended       | -
 * Waiting       | Accepting 8,10,35      | refused 12          | -                 | -                     | Ended 29    | -
 * Accepting     | superseded 19          | refused, ignored 20 | Tentative/Open 15 | Waiting 16, Ended 17  | Ended 29    | -
 * Tentative     | 22, conflict 23        | refused 24          | -                 | -                     | Ended 29    | Open 21
 * Open          | refused 32             | refused 32          | -                 | -                     | not found   | -
 * Closing       | refused                | refused             | -                 | -                     | not found   | -
 * Ended         | refused 37             | refused 37          | -                 | -                     | result 37   | -
 */
class Responder final
{
  public:
    enum class State { Offered, Waiting, Accepting, Tentative, Open, Closing, Ended };

    struct Config
    {
      bool senderSpeaksFirst = false;  ///< T-R-FIRST runs.
      bool expectsNothing = false;     ///< NEG-27: an early end of file is completion.
    };

    struct Action
    {
      enum class Do
      {
        AskApplication,  ///< ST-R-2.
        SendAccept,      ///< W-2, W-3 or W-4; everything is ready for the first opening (SIM-15).
        SendDecline,     ///< W-5 (the application's words).
        StartTimer,      ///< @a timer
        StopTimer,       ///< @a timer
        Accept,          ///< Let @a method work on the opening just received.
        RefuseOpening,   ///< Answer the opening just received with @a condition.
        RefuseCurrent,   ///< Answer the opening being worked on with @a condition (NEG-23, CLS-5, CLS-6, S5B-13).
        AnswerCurrent,   ///< S5B-14: the channel is the candidate; now answer the opening positively.
        DropMethod,      ///< Stop work on @a method or drop its candidate: close sockets, send nothing (NEG-23, NEG-24).
        TakeCandidate,   ///< The channel of @a method becomes the stream.
        ReportOpen,      ///< GEN-10: first positive answer.
        ReportChange,    ///< NEG-24: a later method took over.
        ReportFailure,   ///< GEN-11: @a method failed for @a reason.
        AnswerClose,     ///< Result to the W-24 just received.
        RefuseClose,     ///< IBB-15: `item-not-found` to the W-24 just received.
        CloseStream,     ///< CLS-1.
        AbortStream,     ///< At once; on IBB this sends W-24.
        End              ///< @a cause, @a reason. Exactly once; all timers stop, a tombstone stays.
      };
      Do what;
      Timer timer = Timer::RApp;
      std::string method{};
      std::string condition{};
      std::string reason{};
      Cause cause = Cause::ClosedLocal;
    };
    using Actions = std::vector<Action>;

    Responder() = default;
    explicit Responder( const Config& config ) : m_config( config ) {}

    [[nodiscard]] Actions offered();                                     ///< ST-R-2
    /** ST-R-3, 4. @param list In the order answered; INT-9 adds IBB here although only S5B was answered. Empty: ignored. */
    [[nodiscard]] Actions accepted( const std::vector<std::string>& list );
    [[nodiscard]] Actions declined( Cause cause = Cause::Declined );     ///< ST-R-5

    /** An opening of @a method arrived (after GEN-2, GEN-3). @a iqId tells a retransmission (NEG-30). */
    [[nodiscard]] Actions opening( const std::string& method, const std::string& iqId, Opening verdict );

    /** The method being accepted has its channel: ST-R-10, 15, 36. */
    [[nodiscard]] Actions methodAccepted( const std::string& method );
    /** ST-R-16, 17, 36. @param condition For the peer: `item-not-found` or `not-acceptable`. */
    [[nodiscard]] Actions methodFailed( const std::string& method, const std::string& reason, const std::string& condition );

    [[nodiscard]] Actions payloadReceived();   ///< ST-R-21 (NEG-20: also an acknowledgement of one of our blocks)
    [[nodiscard]] Actions payloadWritten();    ///< NEG-25: bytes of ours have gone to the candidate
    /** The candidate or stream ended: ST-R-25 to 28, 33, 34. @param inBand It lived on the XMPP connection: nobody moves on from that. */
    [[nodiscard]] Actions streamEnded( Cause cause, const std::string& text, bool inBand = false );
    [[nodiscard]] Actions closeReceived();     ///< W-24 while the stream is not IBB: ST-R-29, IBB-15
    [[nodiscard]] Actions cancel( bool abort );///< ST-R-30, 33: the application cancels (@a abort) or closes
    [[nodiscard]] Actions disconnected( bool streamSurvives ); ///< CLS-7
    [[nodiscard]] Actions timer( Timer timer );///< T-R-APP, T-R-NEXT, T-R-GRACE, T-R-FIRST, T-R-TOTAL

    void setConfig( const Config& config ) { m_config = config; }

    [[nodiscard]] State state() const noexcept { return m_state; }
    /** @return The method being accepted, tentative or open; empty otherwise. */
    [[nodiscard]] const std::string& method() const noexcept { return m_method; }

  private:
    [[nodiscard]] bool later( const std::string& method, std::size_t& index ) const;   ///< NEG-21
    [[nodiscard]] bool haveLater() const noexcept { return m_next < m_list.size(); }
    Actions serve( std::size_t index, const std::string& iqId, Opening verdict );
    Actions superseded();
    Actions failed( Actions actions, const Action& answer, const std::string& reason );
    Actions tentativeEnded( Cause cause, const std::string& text, bool inBand );
    Actions startWaiting( Actions actions, Timer timer );
    Actions end( Actions actions, Cause cause, const std::string& text );
    void dropCurrent( Actions& actions, const char* condition );
    void stopFirst( Actions& actions );
    void startTotal( Actions& actions );
    void stopTotal( Actions& actions );

    Config m_config{};
    State m_state = State::Offered;
    std::vector<std::string> m_list{};
    std::size_t m_next = 0;              ///< NEG-21: first entry that may still be opened.
    std::string m_method{};
    std::string m_iqId{};                ///< NEG-30
    std::string m_reasons{};
    Timer m_waitTimer = Timer::RNext;    ///< Which one runs in Waiting: T-R-NEXT or T-R-GRACE.
    bool m_asked = false;
    bool m_reportedOpen = false;
    bool m_written = false;              ///< NEG-25
    bool m_firstRuns = false;
    bool m_totalRuns = false;
};

} // namespace simultiple::negotiation
