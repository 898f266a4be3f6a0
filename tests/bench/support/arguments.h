// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace bench
{

/// `--NAME VALUE`, and the words that are no option's value. `--json` has none, as in the samples.
class Arguments final
{
  public:
    Arguments( int argc, char** argv )
    {
      for( int i = 1; i < argc; ++i )
      {
        const std::string word = argv[i];
        if( word.compare( 0, 2, "--" ) != 0 )
          m_words.push_back( word );
        else if( word != "--json" && i + 1 < argc )
          m_options[word.substr( 2 )] = argv[++i];
      }
    }

    [[nodiscard]] bool has( const std::string& name ) const { return m_options.count( name ) > 0; }
    [[nodiscard]] std::string text( const std::string& name, const std::string& otherwise = std::string() ) const
    {
      const auto found = m_options.find( name );
      return found == m_options.end() ? otherwise : found->second;
    }
    [[nodiscard]] unsigned long long number( const std::string& name, unsigned long long otherwise ) const
    {
      return has( name ) ? std::strtoull( text( name ).c_str(), nullptr, 10 ) : otherwise;
    }
    [[nodiscard]] const std::vector<std::string>& words() const { return m_words; }

  private:
    std::map<std::string, std::string> m_options{};
    std::vector<std::string> m_words{};
};

} // namespace bench
