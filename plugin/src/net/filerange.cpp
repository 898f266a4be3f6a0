// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "net/filerange.h"

#include "net/nobrokenpipe.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace simultiple::net
{

namespace
{

constexpr std::size_t CopySize = 65536;

bool wouldBlock( int error )
{
  return error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

class FileRange::File final
{
  public:
    File( Fd fd, const struct stat& about ) : m_fd( std::move( fd ) ), m_device( about.st_dev ), m_inode( about.st_ino ) {}

    [[nodiscard]] int fd() const noexcept { return m_fd.get(); }
    [[nodiscard]] bool is( const struct stat& about ) const noexcept { return m_device == about.st_dev && m_inode == about.st_ino; }

  private:
    Fd m_fd;
    dev_t m_device;
    ino_t m_inode;
};

FileRange::FileRange( std::shared_ptr<const File> file, std::uint64_t offset, std::uint64_t length )
  : m_file( std::move( file ) ), m_offset( offset ), m_left( length )
{
}

std::optional<FileRange> FileRange::make( int fd, std::uint64_t offset, std::uint64_t length, const std::shared_ptr<const File>& known )
{
  constexpr auto end = static_cast<std::uint64_t>( std::numeric_limits<off_t>::max() );
  if( length == 0 || offset > end || length > end - offset )
    return {};
  const int flags = ::fcntl( fd, F_GETFL );
  struct stat about{};
  // A pipe or a terminal would hold the loop; O_PATH cannot be read.
  if( flags < 0 || ( flags & O_ACCMODE ) == O_WRONLY || ( flags & O_PATH ) != 0 || ::fstat( fd, &about ) != 0 || !S_ISREG( about.st_mode ) )
    return {};
  if( known && known->is( about ) )
    return FileRange( known, offset, length );
  Fd own( ::fcntl( fd, F_DUPFD_CLOEXEC, 0 ) );
  if( !own )
    return {};
  return FileRange( std::make_shared<const File>( std::move( own ), about ), offset, length );
}

bool FileRange::join( const FileRange& next )
{
  if( next.m_file != m_file || next.m_offset != m_offset + m_left )
    return false;
  m_left += next.m_left;
  return true;
}

FileStep FileRange::sendSome( int socket, std::size_t most )
{
  const auto wanted = m_ahead.ready( m_file->fd(), m_offset, static_cast<std::size_t>( std::min<std::uint64_t>( m_left, most ) ) );
  if( wanted == 0 )
    return { 0, 0, {}, true };
  if( m_copies )
    return copySome( socket, wanted );
  auto from = static_cast<off_t>( m_offset );
  ssize_t sent = 0;
  {
    NoBrokenPipe shield;
    do
      sent = ::sendfile( socket, m_file->fd(), &from, wanted );
    while( sent < 0 && errno == EINTR );
    // It may come in the middle, too: the first bytes go, bring back the peer's reset, and the next ones raise it.
    if( sent < 0 || static_cast<std::size_t>( sent ) < wanted )
      shield.mayBeRaised();
  }
  if( sent > 0 )
  {
    advance( static_cast<std::size_t>( sent ) );
    return { static_cast<std::size_t>( sent ), 0, {} };
  }
  if( sent == 0 )
    return { 0, 0, ended() };
  if( errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP )
  {
    m_copies = true;
    return copySome( socket, wanted );
  }
  return wouldBlock( errno ) ? FileStep() : blame( errno );
}

FileStep FileRange::copySome( int socket, std::size_t most )
{
  std::string block( static_cast<std::size_t>( std::min<std::uint64_t>( { m_left, most, CopySize } ) ), '\0' );
  ssize_t got = 0;
  do
    got = ::pread( m_file->fd(), block.data(), block.size(), static_cast<off_t>( m_offset ) );
  while( got < 0 && errno == EINTR );
  if( got <= 0 )
    return { 0, 0, got == 0 ? ended() : std::generic_category().message( errno ) };
  ssize_t sent = 0;
  do
    sent = ::send( socket, block.data(), static_cast<std::size_t>( got ), MSG_NOSIGNAL );
  while( sent < 0 && errno == EINTR );
  if( sent < 0 )
    return { 0, wouldBlock( errno ) ? 0 : errno, {} };
  advance( static_cast<std::size_t>( sent ) );   // what was read in vain is read again
  return { static_cast<std::size_t>( sent ), 0, {} };
}

/// sendfile() does not say which of its two descriptors an error is about.
FileStep FileRange::blame( int error ) const
{
  char byte = 0;
  const ssize_t got = ::pread( m_file->fd(), &byte, 1, static_cast<off_t>( m_offset ) );
  if( got < 0 )
    return { 0, 0, std::generic_category().message( errno ) };
  return got == 0 ? FileStep{ 0, 0, ended() } : FileStep{ 0, error, {} };
}

std::string FileRange::ended() const
{
  return "the file ended " + std::to_string( m_left ) + " bytes early";
}

void FileRange::advance( std::size_t bytes )
{
  m_offset += bytes;
  m_left -= bytes;
}

} // namespace simultiple::net
