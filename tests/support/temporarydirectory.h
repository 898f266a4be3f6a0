// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

/// A directory of its own for a test, gone afterwards.
class TemporaryDirectory final
{
  public:
    TemporaryDirectory()
    {
      std::string name = ( std::filesystem::temp_directory_path() / "si-multiple-test-XXXXXX" ).string();
      if( !::mkdtemp( name.data() ) )
        throw std::runtime_error( "mkdtemp" );
      m_path = name;
    }
    ~TemporaryDirectory()
    {
      std::error_code ignored;
      std::filesystem::remove_all( m_path, ignored );
    }
    TemporaryDirectory( const TemporaryDirectory& ) = delete;
    TemporaryDirectory& operator=( const TemporaryDirectory& ) = delete;

    [[nodiscard]] std::string path() const { return m_path.string(); }

    [[nodiscard]] std::string file( const std::string& name ) const { return ( m_path / name ).string(); }

    void write( const std::string& name, const std::string& content ) const
    {
      std::ofstream( m_path / name, std::ios::binary ) << content;
    }

    [[nodiscard]] std::string read( const std::string& name ) const
    {
      std::ifstream in( m_path / name, std::ios::binary );
      return { std::istreambuf_iterator<char>( in ), std::istreambuf_iterator<char>() };
    }

    [[nodiscard]] std::size_t entries() const
    {
      return static_cast<std::size_t>( std::distance( std::filesystem::directory_iterator( m_path ),
                                                      std::filesystem::directory_iterator() ) );
    }

  private:
    std::filesystem::path m_path;
};
