// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#define OPENSSL_SUPPRESS_DEPRECATED   // there is no other way to make it fail
#include <openssl/rand.h>

namespace simultiple::test
{

/// While it lives, OpenSSL has no random numbers to give.
class NoEntropy final
{
  public:
    NoEntropy() : m_before( RAND_get_rand_method() ) { RAND_set_rand_method( &m_none ); }
    ~NoEntropy() { RAND_set_rand_method( m_before ); }
    NoEntropy( const NoEntropy& ) = delete;
    NoEntropy& operator=( const NoEntropy& ) = delete;

  private:
    const RAND_METHOD* m_before;
    RAND_METHOD m_none{ nullptr, []( unsigned char*, int ) { return 0; }, nullptr, nullptr, []( unsigned char*, int ) { return 0; }, []() { return 0; } };
};

} // namespace simultiple::test
