// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL's EVP_MD_CTX, so that this header needs none of OpenSSL's.
struct evp_md_ctx_st;

namespace simultiple::files
{

/// A message digest that grows with the data.
class Digest final
{
  public:
    enum class Algorithm
    {
      Md5,   ///< What XEP-0096 uses: it detects accidents only (PFT-6).
      Sha256
    };

    explicit Digest( Algorithm algorithm );

    /** @return Whether OpenSSL has the algorithm: in FIPS mode there is no MD5. */
    [[nodiscard]] bool valid() const { return m_context != nullptr; }

    void update( std::string_view data );

    /** @return The digest in lower-case hexadecimal; empty if something failed. Ends the digest: call it once. */
    [[nodiscard]] std::string hex();

  private:
    struct Free
    {
      void operator()( evp_md_ctx_st* context ) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> m_context;
};

/** @return Empty, or what does not agree: one that is missing, on either side, leaves nothing to compare. */
[[nodiscard]] std::string digestMismatch( const std::string& algorithm, const std::string& computed, const std::string& announced );

} // namespace simultiple::files
