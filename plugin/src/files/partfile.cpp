// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "files/partfile.h"

#include "files/filename.h"
#include "protocol/utf8.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <deque>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace simultiple::files
{

using protocol::printable;

namespace
{

constexpr unsigned MaxNumber = 9999;
constexpr std::size_t MaxPath = 500; // characters shown
constexpr std::string_view Mark = ".part-";
constexpr std::size_t Digits = 16;
constexpr int MaxEntries = 10000;
constexpr std::uint64_t FlushSize = 8 << 20;

std::string randomDigits()
{
  std::array<unsigned char, Digits / 2> random{};
  if( ::getrandom( random.data(), random.size(), 0 ) != static_cast<ssize_t>( random.size() ) )
    return {};
  std::string text;
  for( const unsigned char byte : random )
  {
    std::array<char, 3> digits{};
    std::snprintf( digits.data(), digits.size(), "%02x", static_cast<unsigned>( byte ) );
    text += digits.data();
  }
  return text;
}

std::string partName( const std::string& name, const std::string& digits )
{
  return '.' + std::string( protocol::cutBytes( name, 200 ) ) + std::string( Mark ) + digits;
}

bool isPartName( std::string_view name )
{
  if( name.size() < 2 + Mark.size() + Digits || name.front() != '.' )
    return false;
  const auto digits = name.substr( name.size() - Digits );
  return name.substr( name.size() - Digits - Mark.size(), Mark.size() ) == Mark
         && digits.find_first_not_of( "0123456789abcdef" ) == std::string_view::npos;
}

/// Locks a file and looks at it, in this order. @return false: somebody else has it, or whoever had it last has renamed or removed it, so that there is
/// none of that name any more, or another.
bool lock( int folder, const std::string& name, int file, struct stat& status )
{
  struct stat named{};
  return ::flock( file, LOCK_EX | LOCK_NB ) == 0 && ::fstat( file, &status ) == 0 && ::fstatat( folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW ) == 0
         && named.st_dev == status.st_dev && named.st_ino == status.st_ino;
}

// Gives `from` the name `to` unless `to` exists. Not every file system can rename that way, and not every one can link.
int renameWithoutOverwriting( int folder, const char* from, const char* to )
{
  if( ::renameat2( folder, from, folder, to, RENAME_NOREPLACE ) == 0 )
    return 0;
  if( errno != ENOSYS && errno != EINVAL )
    return errno;
  if( ::linkat( folder, from, folder, to, 0 ) != 0 )
    return errno;
  ::unlinkat( folder, from, 0 );
  return 0;
}

} // namespace

std::unique_ptr<PartFile> PartFile::open( const Place& place, std::string& problem )
{
  std::unique_ptr<PartFile> part( new PartFile( place ) );
  if( part->openFolder() && part->openPart() )
    return part;
  problem = part->problem();
  return nullptr;
}

PartFile::PartFile( const Place& place )
  : m_place( place ), m_where( place.directory + ( place.directory.empty() || place.directory.back() == '/' ? "" : "/" ) )
{
}

PartFile::~PartFile()
{
  if( m_path.empty() && !( m_resumable && m_size > 0 ) )
    leaveNothing();
}

// A peer that names a new folder in every offer and sends nothing must not fill the directory with empty ones.
void PartFile::leaveNothing()
{
  if( !m_temporary.empty() )
    ::unlinkat( m_folder.get(), m_temporary.c_str(), 0 );
  for( ; !m_made.empty(); m_made.pop_back() )
  {
    net::Fd above( ::openat( m_folder.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
    if( !above || ::unlinkat( above.get(), m_made.back().c_str(), AT_REMOVEDIR ) != 0 )
      return;   // another file is in it
    m_folder = std::move( above );
  }
}

bool PartFile::failed( const std::string& what, int error, const std::string& where )
{
  const std::string why = ": " + std::generic_category().message( error );
  m_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  m_problem = what + where + why;
  m_problemForPeer = what + why;
  return false;
}

// PFT-15: no component of the folder is a link out of the directory.
bool PartFile::openFolder()
{
  m_folder = net::Fd( ::open( m_place.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
  if( !m_folder )
    return failed( "cannot open directory", errno, ' ' + printable( m_place.directory, MaxPath ) );
  std::string_view rest = m_place.folder;
  while( !rest.empty() )
  {
    const auto slash = rest.find( '/' );
    const std::string component( rest.substr( 0, slash ) );
    rest.remove_prefix( slash == std::string_view::npos ? rest.size() : slash + 1 );
    m_where += component + '/';
    const bool made = ::mkdirat( m_folder.get(), component.c_str(), 0777 ) == 0;
    if( !made && errno != EEXIST )
      return failed( "cannot create directory", errno, ' ' + printable( m_where, MaxPath ) );
    net::Fd next( ::openat( m_folder.get(), component.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC ) );
    if( !next )
      return failed( "cannot open directory", errno, ' ' + printable( m_where, MaxPath ) );
    m_folder = std::move( next );
    if( made )
      m_made.push_back( component );
  }
  return true;
}

bool PartFile::openPart()
{
  if( !m_place.identity.empty() && openFound() )
    return true;
  const std::string digits = randomDigits();
  if( digits.empty() )
    return failed( "cannot make a random name", errno );
  return create( partName( m_place.name, digits ) );
}

/// PFT-16. @return false: the part cannot be had under the name that its identity gives it.
bool PartFile::openFound()
{
  const std::string name = partName( m_place.name, m_place.identity );
  net::Fd file( ::openat( m_folder.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK ) );
  m_found = static_cast<bool>( file );
  if( !file )
    file = net::Fd( ::openat( m_folder.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666 ) );
  struct stat status{};
  // Somebody else's, a link, or being written by another transfer of the same file: then it is left alone.
  const bool ours = file && lock( m_folder.get(), name, file.get(), status ) && S_ISREG( status.st_mode ) && status.st_nlink == 1
                    && status.st_uid == ::geteuid();
  if( !ours )
  {
    m_found = false;
    return false;
  }
  m_file = std::move( file );
  m_temporary = name;
  m_size = static_cast<std::uint64_t>( status.st_size );
  m_flushed = m_size;
  m_resumable = true;
  return true;
}

bool PartFile::create( const std::string& name )
{
  m_file = net::Fd( ::openat( m_folder.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666 ) );
  if( !m_file )
    return failed( "cannot create a file", errno, " in " + printable( m_where, MaxPath ) );
  (void)::flock( m_file.get(), LOCK_EX | LOCK_NB ); // so that nobody takes it for an old one
  m_temporary = name;
  return true;
}

bool PartFile::cut( std::uint64_t size )
{
  if( ::ftruncate( m_file.get(), static_cast<off_t>( size ) ) != 0 )
    return failed( "cannot write " + printable( m_place.name ), errno );
  m_size = size;
  m_flushed = size;
  return true;
}

bool PartFile::write( std::string_view data )
{
  while( !data.empty() )
  {
    const ssize_t written = ::pwrite( m_file.get(), data.data(), data.size(), static_cast<off_t>( m_size ) );
    if( written < 0 && errno == EINTR )
      continue;
    if( written < 0 )
      return failed( "cannot write " + printable( m_place.name ), errno );
    data.remove_prefix( static_cast<std::size_t>( written ) );
    m_size += static_cast<std::uint64_t>( written );
  }
  // Begun early, so that the kernel never has so much to write that it makes us wait for it.
  if( m_size - m_flushed >= FlushSize )
  {
    (void)::sync_file_range( m_file.get(), static_cast<off_t>( m_flushed ), static_cast<off_t>( m_size - m_flushed ), SYNC_FILE_RANGE_WRITE );
    m_flushed = m_size;
  }
  return true;
}

bool PartFile::commit()
{
  struct stat status{};
  if( ::fsync( m_file.get() ) != 0 || ::fstat( m_file.get(), &status ) != 0 )
    return failed( "cannot write " + printable( m_place.name ), errno );
  if( status.st_nlink == 0 )
    return failed( printable( m_place.name ) + " vanished while it was received", ENOENT );
  if( static_cast<std::uint64_t>( status.st_size ) != m_size )
    return failed( printable( m_place.name ) + " was changed by somebody else while it was received", EIO );

  for( unsigned number = 0; number <= MaxNumber; ++number )
  {
    const std::string name = numberedName( m_place.name, number );
    const int error = renameWithoutOverwriting( m_folder.get(), m_temporary.c_str(), name.c_str() );
    if( error == EEXIST )
      continue;
    if( error != 0 )
      return failed( "cannot create " + printable( name ), error, " in " + printable( m_where, MaxPath ) );

    m_temporary.clear();
    m_path = m_where + name;
    // Some file systems report a full disk only when the file is closed; the name goes to the disk, too.
    if( const int why = ::close( m_file.release() ) != 0 ? errno : syncNames(); why != 0 )
    {
      ::unlinkat( m_folder.get(), name.c_str(), 0 );
      m_path.clear();
      m_resumable = false; // no folder stays that was made for it
      return failed( "cannot write " + printable( m_place.name ), why );
    }
    return true;
  }
  return failed( "cannot create " + printable( m_place.name ), EEXIST, " in " + printable( m_where, MaxPath ) );
}

/// Brings the name to the disk, and those of the folders above it, whoever made them. @return What went wrong; 0 also where it cannot be done.
int PartFile::syncNames() const
{
  int folder = m_folder.get();
  net::Fd above;
  for( auto left = m_place.folder.empty() ? 0 : 1 + std::count( m_place.folder.begin(), m_place.folder.end(), '/' );; --left )
  {
    if( ::fsync( folder ) != 0 && ( errno == EIO || errno == ENOSPC || errno == EDQUOT ) )
      return errno;
    if( left == 0 )
      return 0;
    above = net::Fd( ::openat( folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
    if( !above )
      return 0;
    folder = above.get();
  }
}

std::string directoryProblem( const std::string& directory )
{
  std::string problem;
  (void)PartFile::open( { directory, {}, "test", {} }, problem );
  return problem;
}

bool hasRoom( const std::string& directory, std::uint64_t bytes )
{
  struct statvfs space{};
  if( ::statvfs( directory.c_str(), &space ) != 0 || space.f_frsize == 0 )
    return true;
  return bytes / space.f_frsize <= space.f_bavail;
}

namespace
{

struct FoundPart
{
  std::pair<std::time_t, long> changed; ///< Seconds and nanoseconds
  std::string folder; ///< Below the directory, `a/b/`; empty: none
  std::string name;
};

/// Every component is looked up in the one before, and none is a link.
net::Fd openBelow( const std::string& directory, std::string_view folder )
{
  net::Fd at( ::open( directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
  while( at && !folder.empty() )
  {
    const auto slash = folder.find( '/' );
    at = net::Fd( ::openat( at.get(), std::string( folder.substr( 0, slash ) ).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC ) );
    folder.remove_prefix( slash + 1 );
  }
  return at;
}

/// Nearest to the directory first, so that what it holds itself is seen whatever is below.
std::vector<FoundPart> findParts( const std::string& directory, bool folders )
{
  std::vector<FoundPart> parts;
  std::deque<std::string> left{ {} };
  for( int seen = 0; !left.empty(); left.pop_front() )
  {
    const std::string& folder = left.front();
    net::Fd opened = openBelow( directory, folder );
    const std::unique_ptr<DIR, int ( * )( DIR* )> list( opened ? ::fdopendir( opened.get() ) : nullptr, ::closedir );
    if( !list )
      continue;
    const int at = opened.release(); // the list's now
    while( const dirent* const entry = ::readdir( list.get() ) )
    {
      if( ++seen > MaxEntries )
        return parts;
      const std::string name = entry->d_name;
      const bool part = isPartName( name );
      struct stat status{};
      // No folder of ours is hidden (PFT-15).
      if( !( part || ( folders && name.front() != '.' ) ) || ::fstatat( at, name.c_str(), &status, AT_SYMLINK_NOFOLLOW ) != 0 )
        continue;
      if( part && S_ISREG( status.st_mode ) && status.st_uid == ::geteuid() )
        parts.push_back( { { status.st_mtim.tv_sec, status.st_mtim.tv_nsec }, folder, name } );
      else if( !part && S_ISDIR( status.st_mode ) )
        left.push_back( folder + name + '/' );
    }
  }
  return parts;
}

} // namespace

void removeOldParts( const std::string& directory, bool folders, std::chrono::seconds age, std::size_t most )
{
  auto parts = findParts( directory, folders );
  std::sort( parts.begin(), parts.end(), []( const FoundPart& a, const FoundPart& b ) { return a.changed > b.changed; } );
  const auto oldest = std::time( nullptr ) - static_cast<std::time_t>( age.count() );
  for( std::size_t i = 0; i < parts.size(); ++i )
  {
    const auto& part = parts[i];
    if( i < most && part.changed.first >= oldest )
      continue;
    const net::Fd folder = openBelow( directory, part.folder );
    const net::Fd file( ::openat( folder.get(), part.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK ) );
    struct stat status{};
    if( file && lock( folder.get(), part.name, file.get(), status ) )
      ::unlinkat( folder.get(), part.name.c_str(), 0 );
  }
}

} // namespace simultiple::files
