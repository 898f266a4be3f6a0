// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filewriter.h"

#include "filename.h"
#include "text.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace sample
{

namespace
{

constexpr unsigned MaxNumber = 9999;

std::string temporaryName( const std::string& name )
{
  std::array<unsigned char, 8> random{};
  if( ::getrandom( random.data(), random.size(), 0 ) != static_cast<ssize_t>( random.size() ) )
    return {};
  std::string text = '.' + std::string( cutBytes( name, 200 ) ) + ".part-";
  for( const unsigned char byte : random )
  {
    std::array<char, 3> digits{};
    std::snprintf( digits.data(), digits.size(), "%02x", static_cast<unsigned>( byte ) );
    text += digits.data();
  }
  return text;
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

std::unique_ptr<FileWriter> FileWriter::create( const std::string& directory, const std::string& name,
                                                std::string& problem )
{
  Descriptor folder( ::open( directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC ) );
  if( !folder )
  {
    problem = "cannot open directory " + printable( directory ) + ": " + std::strerror( errno );
    return nullptr;
  }
  std::unique_ptr<FileWriter> writer( new FileWriter( directory, name, std::move( folder ) ) );
  if( !writer->open() )
  {
    problem = writer->problem();
    return nullptr;
  }
  return writer;
}

FileWriter::FileWriter( std::string directory, std::string name, Descriptor folder )
  : m_directory( std::move( directory ) ), m_name( std::move( name ) ), m_folder( std::move( folder ) )
{
}

FileWriter::~FileWriter()
{
  if( !m_temporary.empty() )
    ::unlinkat( m_folder.get(), m_temporary.c_str(), 0 );
}

bool FileWriter::open()
{
  const std::string name = temporaryName( m_name );
  if( name.empty() )
    return failed( "cannot make a random name", errno );
  const int fd = ::openat( m_folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666 );
  if( fd < 0 )
    return failed( "cannot create a file in " + printable( m_directory ), errno );
  m_file = Descriptor( fd );
  m_temporary = name;
  return true;
}

bool FileWriter::failed( const std::string& what, int error )
{
  m_problem = what + ": " + std::strerror( error );
  return false;
}

bool FileWriter::write( std::string_view data )
{
  while( !data.empty() )
  {
    const ssize_t written = ::write( m_file.get(), data.data(), data.size() );
    if( written < 0 && errno == EINTR )
      continue;
    if( written < 0 )
      return failed( "cannot write " + printable( m_name ), errno );
    data.remove_prefix( static_cast<std::size_t>( written ) );
  }
  return true;
}

bool FileWriter::commit()
{
  // Closed here and not by the destructor: some file systems report a full disk only now.
  if( ::fsync( m_file.get() ) != 0 || ::close( m_file.release() ) != 0 )
    return failed( "cannot write " + printable( m_name ), errno );

  for( unsigned number = 0; number <= MaxNumber; ++number )
  {
    const std::string name = numberedName( m_name, number );
    const int error = renameWithoutOverwriting( m_folder.get(), m_temporary.c_str(), name.c_str() );
    if( error == EEXIST )
      continue;
    if( error != 0 )
      return failed( "cannot create " + printable( name ) + " in " + printable( m_directory ), error );

    m_temporary.clear();
    m_path = m_directory + ( m_directory.back() == '/' ? "" : "/" ) + name;
    ::fsync( m_folder.get() ); // the name, too; the data are safe already
    return true;
  }
  return failed( "cannot create " + printable( m_name ) + " in " + printable( m_directory ), EEXIST );
}

std::string directoryProblem( const std::string& directory )
{
  std::string problem;
  (void)FileWriter::create( directory, "test", problem );
  return problem;
}

bool hasRoom( const std::string& directory, std::uint64_t bytes )
{
  struct statvfs space{};
  if( ::statvfs( directory.c_str(), &space ) != 0 || space.f_frsize == 0 )
    return true;
  return bytes / space.f_frsize <= space.f_bavail;
}

} // namespace sample
