// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How libFuzzer changes programs (support/program.h): by whole steps, so that what comes behind a change still means what it meant.

#include "fuzz/support/program.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate( std::uint8_t* data, std::size_t size, std::size_t most );

namespace
{

using simultiple::fuzz::Program;
using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t Stage = sizeof( Program::stage );

class Change final
{
  public:
    Change( Bytes& program, unsigned seed ) : m_program( program ), m_random( seed ) {}

    void now()
    {
      const auto steps = ( m_program.size() - Stage ) / Program::StepSize;
      const auto step = at( below( steps + 1 ) );
      const auto end = std::min<std::ptrdiff_t>( m_program.end() - step, static_cast<std::ptrdiff_t>( Program::StepSize * ( 1 + below( 4 ) ) ) );
      switch( below( 6 ) )
      {
        case 0: m_program[below( m_program.size() )] = byte(); break;
        case 1: m_program[below( m_program.size() )] ^= static_cast<std::uint8_t>( 1U << below( 8 ) ); break;
        case 2: m_program.insert( step, { byte(), byte(), byte(), byte() } ); break;
        case 3: m_program.erase( step, step + end ); break;
        case 4:   // again, somewhere
        {
          const Bytes some( step, step + end );
          m_program.insert( at( below( steps + 1 ) ), some.begin(), some.end() );
          break;
        }
        default:   // elsewhere
        {
          const Bytes some( step, step + end );
          m_program.erase( step, step + end );
          m_program.insert( at( below( ( m_program.size() - Stage ) / Program::StepSize + 1 ) ), some.begin(), some.end() );
        }
      }
    }
    [[nodiscard]] std::size_t below( std::size_t bound ) { return bound == 0 ? 0 : m_random() % bound; }

  private:
    [[nodiscard]] std::uint8_t byte() { return static_cast<std::uint8_t>( below( 256 ) ); }
    [[nodiscard]] Bytes::iterator at( std::size_t step ) { return m_program.begin() + static_cast<std::ptrdiff_t>( Stage + step * Program::StepSize ); }

    Bytes& m_program;
    std::minstd_rand m_random;
};

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator( std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed )
{
  Bytes program( data, data + size );
  program.resize( std::max( Stage, size - ( size > Stage ? ( size - Stage ) % Program::StepSize : 0 ) ) );
  Change change( program, seed );
  if( most < Stage || change.below( 4 ) == 0 )
    return LLVMFuzzerMutate( data, size, most );   // also joins two inputs, and knows what was compared with what
  for( auto changes = 1 + change.below( 3 ); changes > 0; --changes )
    change.now();
  if( program.size() > most )
    program.resize( most );
  std::memcpy( data, program.data(), program.size() );
  return program.size();
}
