// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>

namespace simultiple::test
{

/**
 * Memory that is not there: this program's operator new can be told to throw. Only what the plugin asks for is counted, or fails: whatever is allocated inside
 * a Plan's call(), and below gloox only where gloox has called back; but not what the tests' own side of a connection takes (support/harness.h).
 */
class Scarcity final
{
  public:
    /** @param first Which allocation fails; 0: none. @param count How many in a row do. */
    explicit Scarcity( std::size_t first, std::size_t count = 1 );
    ~Scarcity();   ///< There is memory again.
    Scarcity( const Scarcity& ) = delete;
    Scarcity& operator=( const Scarcity& ) = delete;

    [[nodiscard]] std::size_t asked() const;    ///< Allocations so far.
    [[nodiscard]] std::size_t refused() const;  ///< Of these, those that failed.

    /// Where allocations count.
    class Here final
    {
      public:
        enum class Whose
        {
          All,        ///< A call into the plugin
          CalledBack  ///< A call into gloox: only what the plugin takes when gloox calls it
        };
        explicit Here( Whose whose );
        ~Here();
        Here( const Here& ) = delete;
        Here& operator=( const Here& ) = delete;

      private:
        int m_before;
    };
};

/// As long as it lives, no block of this size or more is to be had, on any thread: what helper threads work with.
class NoLargeBlocks final
{
  public:
    explicit NoLargeBlocks( std::size_t size );
    ~NoLargeBlocks();
    NoLargeBlocks( const NoLargeBlocks& ) = delete;
    NoLargeBlocks& operator=( const NoLargeBlocks& ) = delete;
};

} // namespace simultiple::test
