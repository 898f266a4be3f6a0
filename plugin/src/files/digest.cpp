// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/digest.h"

#include <openssl/evp.h>

#include <array>

namespace simultiple::files
{

void Digest::Free::operator()( evp_md_ctx_st* context ) const
{
  EVP_MD_CTX_free( context );
}

Digest::Digest( Algorithm algorithm )
  : m_context( EVP_MD_CTX_new() )
{
  const EVP_MD* const type = algorithm == Algorithm::Md5 ? EVP_md5() : EVP_sha256();
  if( m_context && EVP_DigestInit_ex( m_context.get(), type, nullptr ) != 1 )
    m_context.reset();
}

void Digest::update( std::string_view data )
{
  if( m_context && EVP_DigestUpdate( m_context.get(), data.data(), data.size() ) != 1 )
    m_context.reset();
}

std::string Digest::hex()
{
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  if( !m_context || EVP_DigestFinal_ex( m_context.get(), bytes.data(), &length ) != 1 )
    return {};
  m_context.reset();

  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for( std::size_t i = 0; i < length; ++i )
  {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::string digestMismatch( const std::string& algorithm, const std::string& computed, const std::string& announced )
{
  if( computed.empty() || announced.empty() || computed == announced )
    return {};
  return "digest mismatch: " + algorithm + " is " + computed + ", announced was " + announced;
}

} // namespace simultiple::files
