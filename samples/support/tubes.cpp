// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tubes.h"

#include "text.h"

#include <gloox/base64.h>
#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace sample
{

const std::string XMLNS_TUBES = "http://telepathy.freedesktop.org/xmpp/tubes";

namespace
{

constexpr std::uint64_t MaxId = std::numeric_limits<std::uint32_t>::max(); // PTB-2
constexpr std::string_view Space = " \t\r\n";

// gloox's findAttribute() would also take `other:id='1'` for `id`.
std::string attribute( const gloox::Tag& tag, std::string_view name )
{
  for( const auto* one : tag.attributes() )
    if( one->prefix().empty() && one->name() == name )
      return one->value();
  return {};
}

std::optional<std::uint32_t> readId( const gloox::Tag& tag, std::string_view name )
{
  const auto id = decimal( attribute( tag, name ), MaxId );
  if( !id || *id == 0 )
    return std::nullopt;
  return static_cast<std::uint32_t>( *id );
}

std::string_view trimmed( std::string_view text )
{
  const auto first = text.find_first_not_of( Space );
  if( first == std::string_view::npos )
    return {};
  return text.substr( first, text.find_last_not_of( Space ) - first + 1 );
}

bool atMost( std::string_view text, std::size_t characters )
{
  const auto begins = []( char byte ) { return ( static_cast<unsigned char>( byte ) & 0xC0U ) != 0x80U; };
  return static_cast<std::size_t>( std::count_if( text.begin(), text.end(), begins ) ) <= characters;
}

// ---- values (PTB-4)

using Value = TubeParameter::Value;

// gloox's decoder reads anything, so the text is checked first.
std::optional<Value> readBytes( const std::string& text )
{
  std::string base64;
  std::copy_if( text.begin(), text.end(), std::back_inserter( base64 ), []( char c ) { return Space.find( c ) == std::string_view::npos; } );
  auto body = base64.find( '=' );
  if( body == std::string::npos )
    body = base64.size();
  const bool alphabet = std::all_of( base64.begin(), base64.begin() + static_cast<std::ptrdiff_t>( body ), []( char c )
                                     { return ( c >= 'A' && c <= 'Z' ) || ( c >= 'a' && c <= 'z' ) || ( c >= '0' && c <= '9' ) || c == '+' || c == '/'; } );
  const auto padding = base64.size() - body;
  if( !alphabet || base64.size() % 4 != 0 || padding > 2 || base64.substr( body ) != std::string( padding, '=' ) )
    return std::nullopt;
  return TubeBytes{ base64.empty() ? std::string() : gloox::Base64::decode64( base64 ) };
}

std::optional<Value> readInt( std::string_view text )
{
  constexpr std::int64_t Min = std::numeric_limits<std::int32_t>::min();
  const bool negative = !text.empty() && text.front() == '-';
  const auto number = decimal( text.substr( negative ? 1 : 0 ), static_cast<std::uint64_t>( negative ? -Min : -Min - 1 ) );
  if( !number )
    return std::nullopt;
  const auto value = static_cast<std::int64_t>( *number );
  return static_cast<std::int32_t>( negative ? -value : value );
}

std::optional<Value> readValue( const std::string& type, const std::string& text )
{
  if( !atMost( text, TubeChild::MaxValue ) )
    return std::nullopt;
  if( type == "str" )
    return text;
  if( type == "bytes" )
    return readBytes( text );
  const auto word = trimmed( text );
  if( type == "int" )
    return readInt( word );
  if( type == "uint" )
  {
    const auto number = decimal( word, std::numeric_limits<std::uint32_t>::max() );
    return number ? std::optional<Value>( static_cast<std::uint32_t>( *number ) ) : std::nullopt;
  }
  if( type == "bool" && ( word == "1" || word == "true" ) )
    return true;
  if( type == "bool" && ( word == "0" || word == "false" ) )
    return false;
  return std::nullopt;
}

/// `type` and the text of a value.
std::pair<const char*, std::string> written( const Value& value )
{
  struct Writer
  {
    std::pair<const char*, std::string> operator()( const std::string& text ) const { return { "str", text }; }
    std::pair<const char*, std::string> operator()( const TubeBytes& bytes ) const { return { "bytes", gloox::Base64::encode64( bytes.data ) }; }
    std::pair<const char*, std::string> operator()( std::uint32_t number ) const { return { "uint", std::to_string( number ) }; }
    std::pair<const char*, std::string> operator()( std::int32_t number ) const { return { "int", std::to_string( number ) }; }
    std::pair<const char*, std::string> operator()( bool yes ) const { return { "bool", yes ? "1" : "0" }; }
  };
  return std::visit( Writer(), value );
}

// SEC-12: what comes after the 64th is not looked at.
std::vector<TubeParameter> readParameters( const gloox::Tag& tube )
{
  std::vector<TubeParameter> result;
  std::size_t left = TubeChild::MaxParameters;
  for( const gloox::Tag* list : tube.children() )
  {
    if( list->name() != "parameters" || !inTubesNamespace( *list ) )
      continue;
    for( const gloox::Tag* one : list->children() )
    {
      if( one->name() != "parameter" || !inTubesNamespace( *one ) )
        continue;
      if( left-- == 0 )
        break;
      std::string name = attribute( *one, "name" );
      auto value = readValue( attribute( *one, "type" ), one->cdata() );
      if( name.empty() || !atMost( name, TubeChild::MaxService ) || !value )
        continue;
      result.erase( std::remove_if( result.begin(), result.end(), [&name]( const TubeParameter& other ) { return other.name == name; } ), result.end() );
      result.push_back( { std::move( name ), std::move( *value ) } );
    }
    break; // the first list counts
  }
  return result;
}

/// Whether XML can carry @a text. gloox drops an element with any other text, or the stream breaks.
bool writable( std::string_view text )
{
  const auto forbidden = []( char byte ) { return static_cast<unsigned char>( byte ) < 0x20 && byte != '\t' && byte != '\n' && byte != '\r'; };
  return simultiple::validUtf8( text ) == text && std::none_of( text.begin(), text.end(), forbidden )
         && text.find( "\xEF\xBF\xBE" ) == std::string_view::npos && text.find( "\xEF\xBF\xBF" ) == std::string_view::npos; // U+FFFE, U+FFFF
}

std::unique_ptr<gloox::Tag> element( const char* name )
{
  auto tag = std::make_unique<gloox::Tag>( name );
  tag->setXmlns( XMLNS_TUBES );
  return tag;
}

} // namespace

bool inTubesNamespace( const gloox::Tag& tag )
{
  if( !tag.prefix().empty() )
    return tag.xmlns( tag.prefix() ) == XMLNS_TUBES;
  for( const gloox::Tag* one = &tag; one; one = one->parent() )
  {
    for( const auto* declared : one->attributes() )
      if( declared->prefix().empty() && declared->name() == "xmlns" )
        return declared->value() == XMLNS_TUBES;
    const std::string set = one->xmlns( gloox::EmptyString );
    if( !set.empty() )
      return set == XMLNS_TUBES;
  }
  return false;
}

// ---- <tube/>

std::optional<TubeChild> TubeChild::parse( const gloox::Tag* tube )
{
  if( !tube || tube->name() != "tube" || !inTubesNamespace( *tube ) )
    return std::nullopt;
  const auto id = readId( *tube, "id" );
  const std::string type = attribute( *tube, "type" );
  if( !id || ( type != "dbus" && type != "stream" ) )
    return std::nullopt;

  TubeChild result;
  result.id = *id;
  result.type = type == "dbus" ? TubeType::DBus : TubeType::Stream;
  result.service = attribute( *tube, "service" );
  if( result.service.empty() || !atMost( result.service, MaxService ) )
    return std::nullopt;
  result.parameters = readParameters( *tube );
  return result;
}

std::string TubeChild::problem() const
{
  if( service.empty() )
    return "a tube needs the name of a service";
  if( !atMost( service, MaxService ) || !writable( service ) )
    return "the name of the service is too long or not text";
  if( parameters.size() > MaxParameters )
    return "too many parameters";
  for( const auto& parameter : parameters )
  {
    const std::string text = written( parameter.value ).second;
    if( parameter.name.empty() || !atMost( parameter.name, MaxService ) || !writable( parameter.name ) )
      return "a parameter's name is missing, too long or not text";
    if( !atMost( text, MaxValue ) || !writable( text ) )
      return "a parameter's value is too long or not text";
  }
  return {};
}

std::unique_ptr<gloox::Tag> TubeChild::tag() const
{
  auto tube = element( "tube" );
  tube->addAttribute( "type", type == TubeType::DBus ? "dbus" : "stream" );
  tube->addAttribute( "service", service );
  tube->addAttribute( "id", std::to_string( id ) );
  if( parameters.empty() )
    return tube;
  auto list = std::make_unique<gloox::Tag>( "parameters" );
  for( const auto& parameter : parameters )
  {
    const auto [kind, text] = written( parameter.value );
    auto* const one = new gloox::Tag( list.get(), "parameter", text ); // gloox owns it
    one->addAttribute( "name", parameter.name );
    one->addAttribute( "type", kind );
  }
  tube->addChild( list.release() ); // gloox owns it
  return tube;
}

// ---- <stream/>, <muc-stream/>, <close/>

std::optional<StreamChild> StreamChild::parse( const gloox::Tag* stream )
{
  if( !stream || ( stream->name() != "stream" && stream->name() != "muc-stream" ) || !inTubesNamespace( *stream ) )
    return std::nullopt;
  const auto tube = readId( *stream, "tube" );
  if( !tube )
    return std::nullopt;
  return StreamChild{ *tube, stream->name() == "muc-stream" };
}

std::unique_ptr<gloox::Tag> StreamChild::tag() const
{
  auto stream = element( room ? "muc-stream" : "stream" );
  stream->addAttribute( "tube", std::to_string( tube ) );
  return stream;
}

std::optional<CloseChild> CloseChild::parse( const gloox::Tag* close )
{
  if( !close || close->name() != "close" || !inTubesNamespace( *close ) )
    return std::nullopt;
  const auto tube = readId( *close, "tube" );
  if( !tube )
    return std::nullopt;
  return CloseChild{ *tube };
}

std::unique_ptr<gloox::Tag> CloseChild::tag() const
{
  auto close = element( "close" );
  close->addAttribute( "tube", std::to_string( tube ) );
  return close;
}

std::unique_ptr<gloox::Tag> acceptedTube()
{
  return element( "tube" );
}

std::string tubeFeature( TubeType type, const std::string& service )
{
  return XMLNS_TUBES + ( type == TubeType::DBus ? "/dbus#" : "/stream#" ) + service;
}

} // namespace sample
