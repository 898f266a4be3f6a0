// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox-si-multiple/export.h>
#include <gloox-si-multiple/siprofilemultiple.h>

#include <gloox/jid.h>

#include <functional>
#include <memory>

namespace simultiple
{

class SIMultipleManager;

/// What a FileProfile has to know. @since 0.2
struct FileProfileOptions
{
  bool takePlainOffers = true;                       ///< As ProfileOptions::takePlainOffers: false beside a stock SIProfileFT.
  /** As ProfileOptions::knows: whose offers are looked at at all (SEC-21). Empty: everybody's. What is said there of gloox's roster counts here, too. */
  std::function<bool( const gloox::JID& )> knows;
};

/**
 * File transfer (XEP-0096) on one client: what FileSender and FileReceiver stand on.
 *
 * @code
 * simultiple::SIMultipleManager streams( client );
 * simultiple::FileProfile files( streams );
 * simultiple::FileReceiver receiver( files, "inbox", handler );
 * simultiple::FileSender sender( files, handler );
 * streams.enable();
 * @endcode
 *
 * Without a FileReceiver, offers are refused as if nobody were there.
 *
 * @par Lifetime
 * Make it after the SIMultipleManager and before senders and receivers; destroy it in the opposite order, and not from inside a callback.
 * @par Thread
 * The one that calls SIMultipleManager::process().
 * @par Spec
 * PROTOCOL 6.1; @xep{0096}.
 * @since 0.2
 */
class GLOOX_SI_MULTIPLE_EXPORT FileProfile
{
  public:
    explicit FileProfile( SIMultipleManager& manager, FileProfileOptions options = FileProfileOptions() );
    ~FileProfile();
    FileProfile( const FileProfile& ) = delete;
    FileProfile& operator=( const FileProfile& ) = delete;

    /** @return Whether file transfer could be registered: nobody else has it on this manager. */
    [[nodiscard]] bool valid() const;

    struct Private;
    /** The library's own access. */
    [[nodiscard]] Private& priv() { return *d; }

  private:
    std::unique_ptr<Private> d;
};

} // namespace simultiple
