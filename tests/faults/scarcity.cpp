// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "faults/scarcity.h"

#include "support/harness.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace simultiple::test
{

namespace
{

constexpr int Nowhere = -1;

struct State
{
  bool on = false;
  int where = Nowhere;   ///< A Scarcity::Here::Whose
  std::size_t asked = 0;
  std::size_t refused = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};
thread_local State state;   // helper threads have as much as they like, but for NoLargeBlocks
std::atomic<std::size_t> tooLarge{ std::numeric_limits<std::size_t>::max() };

enum class Module { Ours, Gloox, Runtime };

Module moduleOf( void* address )
{
  Dl_info info{};
  if( ::dladdr( address, &info ) == 0 || !info.dli_fname )
    return Module::Runtime;
  if( std::strstr( info.dli_fname, "libgloox" ) )
    return Module::Gloox;
  // The standard library's templates are here, too, and gloox calls them: what is in namespace std has such a name.
  for( const auto* const standard : { "_ZNS", "_ZNKS", "_ZS" } )
    if( info.dli_sname && std::strncmp( info.dli_sname, standard, std::strlen( standard ) ) == 0 )
      return Module::Runtime;
  return std::strstr( info.dli_fname, "faults-tests" ) ? Module::Ours : Module::Runtime;
}

/**
 * Whether the plugin, and not gloox for itself, asks. gloox takes no care of exceptions: one that arises in it while it holds a lock leaves that locked for
 * ever. That cannot be mended from outside.
 */
bool pluginAsks( bool calledBack, const void* asker )
{
  std::array<void*, 64> frames{};
  const int count = ::backtrace( frames.data(), static_cast<int>( frames.size() ) );
  int at = 0;
  while( at < count && frames[static_cast<std::size_t>( at )] != asker )
    ++at;   // before that it is we ourselves
  bool found = false;
  for( ; at < count; ++at )
  {
    const auto module = moduleOf( frames[static_cast<std::size_t>( at )] );
    if( module == Module::Runtime )
      continue;
    if( !found && module == Module::Gloox )
      return false;
    found = true;
    if( !calledBack || module == Module::Gloox )
      return true;
  }
  return false;
}

bool refuse( const void* asker )
{
  if( !state.on || state.where == Nowhere || harnessDepth > 0 )
    return false;
  const auto number = ++state.asked;
  if( number < state.first || number > state.last )
    return false;
  state.on = false;   // looking takes memory, too
  const bool refused = pluginAsks( state.where == static_cast<int>( Scarcity::Here::Whose::CalledBack ), asker );
  state.on = true;
  if( refused )
    ++state.refused;
  return refused;
}

void* allocate( std::size_t size, const void* asker )
{
  void* const memory = size >= tooLarge || refuse( asker ) ? nullptr : std::malloc( size == 0 ? 1 : size );
  if( !memory )
    throw std::bad_alloc();
  return memory;
}

void* allocate( std::size_t size, std::align_val_t alignment, const void* asker )
{
  const auto step = static_cast<std::size_t>( alignment );
  void* const memory = refuse( asker ) ? nullptr : std::aligned_alloc( step, ( size + step - 1 ) / step * step );
  if( !memory )
    throw std::bad_alloc();
  return memory;
}

} // namespace

Scarcity::Scarcity( std::size_t first, std::size_t count )
{
  state = State();
  state.first = first;
  state.last = first == 0 ? 0 : first + count - 1;
  state.on = true;
}

Scarcity::~Scarcity() { state.on = false; }
std::size_t Scarcity::asked() const { return state.asked; }
std::size_t Scarcity::refused() const { return state.refused; }

Scarcity::Here::Here( Whose whose ) : m_before( state.where ) { state.where = static_cast<int>( whose ); }
Scarcity::Here::~Here() { state.where = m_before; }

NoLargeBlocks::NoLargeBlocks( std::size_t size ) { tooLarge = size; }
NoLargeBlocks::~NoLargeBlocks() { tooLarge = std::numeric_limits<std::size_t>::max(); }

} // namespace simultiple::test

// What a program may replace (basic.stc.dynamic.allocation).
void* operator new( std::size_t size ) { return simultiple::test::allocate( size, __builtin_return_address( 0 ) ); }
void* operator new[]( std::size_t size ) { return simultiple::test::allocate( size, __builtin_return_address( 0 ) ); }
void* operator new( std::size_t size, std::align_val_t alignment ) { return simultiple::test::allocate( size, alignment, __builtin_return_address( 0 ) ); }
void* operator new[]( std::size_t size, std::align_val_t alignment ) { return simultiple::test::allocate( size, alignment, __builtin_return_address( 0 ) ); }
void* operator new( std::size_t size, const std::nothrow_t& ) noexcept
{
  return simultiple::test::refuse( __builtin_return_address( 0 ) ) ? nullptr : std::malloc( size == 0 ? 1 : size );
}
void* operator new[]( std::size_t size, const std::nothrow_t& ) noexcept
{
  return simultiple::test::refuse( __builtin_return_address( 0 ) ) ? nullptr : std::malloc( size == 0 ? 1 : size );
}
void operator delete( void* memory ) noexcept { std::free( memory ); }
void operator delete[]( void* memory ) noexcept { std::free( memory ); }
void operator delete( void* memory, std::size_t ) noexcept { std::free( memory ); }
void operator delete[]( void* memory, std::size_t ) noexcept { std::free( memory ); }
void operator delete( void* memory, std::align_val_t ) noexcept { std::free( memory ); }
void operator delete[]( void* memory, std::align_val_t ) noexcept { std::free( memory ); }
void operator delete( void* memory, std::size_t, std::align_val_t ) noexcept { std::free( memory ); }
void operator delete[]( void* memory, std::size_t, std::align_val_t ) noexcept { std::free( memory ); }
void operator delete( void* memory, const std::nothrow_t& ) noexcept { std::free( memory ); }
void operator delete[]( void* memory, const std::nothrow_t& ) noexcept { std::free( memory ); }
