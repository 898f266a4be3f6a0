// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/heapwatch.h"

#include <malloc.h>

#if defined( __SANITIZE_ADDRESS__ )
#  define SI_MULTIPLE_TEST_ASAN
#elif defined( __has_feature )
#  if __has_feature( address_sanitizer )
#    define SI_MULTIPLE_TEST_ASAN
#  endif
#endif

#ifdef SI_MULTIPLE_TEST_ASAN
// GCC brings the functions, but not on every system their header.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();   // NOLINT(bugprone-reserved-identifier): it is the sanitizer's
extern "C" int __sanitizer_install_malloc_and_free_hooks( void ( *allocated )( const volatile void*, std::size_t ), void ( *freed )( const volatile void* ) ); // NOLINT(bugprone-reserved-identifier): it is the sanitizer's
#endif

namespace simultiple::test
{

#ifdef SI_MULTIPLE_TEST_ASAN

namespace
{

thread_local bool watching = false; // hooks are plain functions, and once installed they stay
thread_local std::size_t asked = 0;

void allocated( const volatile void*, std::size_t size )
{
  if( watching )
    asked += size;
}

void freed( const volatile void* ) {}

} // namespace

HeapWatch::HeapWatch()
{
  (void)works();
  m_start = asked;
  watching = true;
}

HeapWatch::~HeapWatch() { watching = false; }
std::size_t HeapWatch::bytes() const { return asked - m_start; }

bool HeapWatch::works()
{
  static const bool installed = __sanitizer_install_malloc_and_free_hooks( allocated, freed ) > 0;
  return installed;
}

std::size_t heapInUse() { return __sanitizer_get_current_allocated_bytes(); }

#else

std::size_t heapInUse()
{
#  if defined( __GLIBC__ ) && __GLIBC_PREREQ( 2, 33 )
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
#  else
  return 0;
#  endif
}

HeapWatch::HeapWatch() : m_start( heapInUse() ) {}
HeapWatch::~HeapWatch() = default;

std::size_t HeapWatch::bytes() const
{
  const auto now = heapInUse();
  return now > m_start ? now - m_start : 0;
}

bool HeapWatch::works() { return heapInUse() > 0; }

#endif

} // namespace simultiple::test
