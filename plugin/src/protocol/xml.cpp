// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/xml.h"

#include <algorithm>

namespace simultiple::protocol
{

const std::string XMLNS_TUBES = "http://telepathy.freedesktop.org/xmpp/tubes";

namespace
{

constexpr std::size_t MaxValueLength = 256;   // SIM-22, SEC-12

const gloox::Tag::Attribute* plainAttribute( const gloox::Tag& tag, std::string_view name )
{
  for( const gloox::Tag::Attribute* a : tag.attributes() )
    if( a->prefix().empty() && a->name() == name )
      return a;
  return nullptr;
}

/// The default namespace that @a tag itself declares; `xmlns=''` counts, since it takes the inherited one back.
std::optional<std::string> ownDefaultNamespace( const gloox::Tag& tag )
{
  if( const auto* a = plainAttribute( tag, "xmlns" ) )
    return a->value();
  const std::string set = tag.xmlns( gloox::EmptyString );
  return set.empty() ? std::nullopt : std::optional<std::string>( set );
}

std::string defaultNamespace( const gloox::Tag* tag )
{
  for( ; tag; tag = tag->parent() )
    if( auto own = ownDefaultNamespace( *tag ) )
      return *own;
  return {};
}

/// Namespaces of one parent's children. Looks upwards once, however many children and attributes a peer sends.
class Namespaces final
{
  public:
    explicit Namespaces( const gloox::Tag& parent ) : m_parent( parent ) {}

    std::string of( const gloox::Tag& child )
    {
      if( !child.prefix().empty() )
        return child.xmlns( child.prefix() );
      if( auto own = ownDefaultNamespace( child ) )
        return *own;
      if( !m_inherited )
        m_inherited = defaultNamespace( &m_parent );
      return *m_inherited;
    }

  private:
    const gloox::Tag& m_parent;
    std::optional<std::string> m_inherited{};
};

} // namespace

std::string namespaceOf( const gloox::Tag& tag )
{
  return tag.prefix().empty() ? defaultNamespace( &tag ) : tag.xmlns( tag.prefix() );
}

std::vector<const gloox::Tag*> children( const gloox::Tag& parent, std::string_view name, std::string_view ns,
                                         std::size_t atMost )
{
  std::vector<const gloox::Tag*> found;
  Namespaces namespaces( parent );
  for( const gloox::Tag* c : parent.children() )
  {
    if( found.size() == atMost )
      break;
    if( c->name() == name && namespaces.of( *c ) == ns )
      found.push_back( c );
  }
  return found;
}

std::vector<const gloox::Tag*> children( const gloox::Tag& parent, std::string_view ns )
{
  std::vector<const gloox::Tag*> found;
  Namespaces namespaces( parent );
  for( const gloox::Tag* c : parent.children() )
    if( namespaces.of( *c ) == ns )
      found.push_back( c );
  return found;
}

const gloox::Tag* child( const gloox::Tag& parent, std::string_view name, std::string_view ns )
{
  const auto found = children( parent, name, ns, 1 );
  return found.empty() ? nullptr : found.front();
}

std::optional<std::string> attribute( const gloox::Tag& tag, std::string_view name )
{
  const auto* a = plainAttribute( tag, name );
  return a ? std::optional<std::string>( a->value() ) : std::nullopt;
}

const std::string& origin( const gloox::Tag& stanza )
{
  const auto* from = plainAttribute( stanza, "from" );
  return from ? from->value() : gloox::EmptyString;
}

const std::string& destination( const gloox::Tag& stanza )
{
  const auto* to = plainAttribute( stanza, "to" );
  return to ? to->value() : gloox::EmptyString;
}

std::unique_ptr<gloox::Tag> detach( const gloox::Tag& tag )
{
  std::unique_ptr<gloox::Tag> copy( tag.clone() );
  for( const gloox::Tag* up = tag.parent(); up; up = up->parent() )
    for( const gloox::Tag::Attribute* a : up->attributes() )
      if( a->prefix() == gloox::XMLNS && copy->xmlns( a->name() ).empty() )
        copy->setXmlns( a->value(), a->name() );

  const std::string inherited = defaultNamespace( &tag );
  if( !inherited.empty() && !ownDefaultNamespace( *copy ) )
    copy->setXmlns( inherited );
  return copy;
}

Size sizeOf( const gloox::Tag& tag, std::size_t most )
{
  Size size{ 1 + tag.attributes().size(), tag.cdata().size() };
  for( const gloox::Tag::Attribute* a : tag.attributes() )
    size.text += a->value().size();
  for( const gloox::Tag* inside : tag.children() )
  {
    if( size.nodes > most )
      break;
    const Size more = sizeOf( *inside, most - size.nodes );
    size.nodes += more.nodes;
    size.text += more.text;
  }
  return size;
}

std::string_view trim( std::string_view text ) noexcept
{
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of( blank );
  if( first == std::string_view::npos )
    return {};
  return text.substr( first, text.find_last_not_of( blank ) - first + 1 );
}

std::optional<std::uint64_t> decimal( std::string_view text, std::uint64_t max ) noexcept
{
  if( text.empty() )
    return std::nullopt;

  std::uint64_t value = 0;
  for( const char c : text )
  {
    if( c < '0' || c > '9' )
      return std::nullopt;
    const auto digit = static_cast<std::uint64_t>( c - '0' );
    if( value > max / 10 || digit > max - value * 10 )
      return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::unique_ptr<gloox::Tag> element( const std::string& name, const std::string& ns )
{
  auto tag = std::make_unique<gloox::Tag>( name );
  tag->setXmlns( ns );
  return tag;
}

void ValueList::add( std::string_view raw )
{
  if( m_left == 0 )
    return;
  --m_left;   // SIM-26 counts what was looked at, good or bad

  const std::string_view value = trim( raw );
  if( value.empty() || characters( value ) > MaxValueLength )
    return;
  if( std::find( m_values.begin(), m_values.end(), value ) == m_values.end() )
    m_values.emplace_back( value );
}

} // namespace simultiple::protocol
