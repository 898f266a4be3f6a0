// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <gloox/tag.h>

// What was read is written, goes over the wire, and is read alike. Only what XML can carry: gloox's parser lets bytes through that its Tag does not take.

namespace simultiple::fuzz
{

void listRoundTrip( const gloox::Tag& element );     ///< `<si-multiple/>` (W-2)
void offerRoundTrip( const gloox::Tag& si );         ///< W-1
void answerRoundTrip( const gloox::Tag& iq );        ///< W-2 to W-4
void refusalRoundTrip( const gloox::Tag& iq );       ///< W-5 to W-8, W-12, …
void queryRoundTrip( const gloox::Tag& query );      ///< W-9
void blocksRoundTrip( const gloox::Tag& element );   ///< W-17, W-21

} // namespace simultiple::fuzz
