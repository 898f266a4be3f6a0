// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/simultiple.h>

#include "protocol/xml.h"

#include <gloox/gloox.h>
#include <gloox/tag.h>

#include <algorithm>

namespace simultiple
{

using protocol::child;
using protocol::namespaceOf;

const std::string XMLNS_SI_MULTIPLE = "http://telepathy.freedesktop.org/xmpp/si-multiple";

const int SIMultiple::DefaultType = gloox::ExtUser + 1096;

namespace
{

/// XSD-4: what may stand in a `<value/>` that we send.
bool canBeSent( const std::string& method )
{
  return !method.empty() && protocol::characters( method ) <= SIMultiple::MaxLength
         && method.find_first_of( " \t\r\n" ) == std::string::npos && protocol::xmlText( method );
}

/// XSD-2, XSD-4, XSD-5.
std::vector<std::string> sendable( const std::vector<std::string>& methods )
{
  std::vector<std::string> good;
  for( const auto& method : methods )
    if( good.size() < SIMultiple::MaxValues && canBeSent( method )
        && std::find( good.begin(), good.end(), method ) == good.end() )
      good.push_back( method );
  return good;
}

bool isElement( const gloox::Tag& tag )
{
  return tag.name() == "si-multiple" && namespaceOf( tag ) == XMLNS_SI_MULTIPLE;
}

const gloox::Tag* locate( const gloox::Tag* tag )
{
  if( !tag || isElement( *tag ) )
    return tag;
  if( tag->name() == "si" )
    return namespaceOf( *tag ) == gloox::XMLNS_SI ? SIMultiple::find( tag ) : nullptr;
  return SIMultiple::find( child( *tag, "si", gloox::XMLNS_SI ) );
}

} // namespace

SIMultiple::SIMultiple( int type )
  : gloox::StanzaExtension( type )
{
  m_valid = true;
}

SIMultiple::SIMultiple( const std::vector<std::string>& methods, int type )
  : gloox::StanzaExtension( type ), m_methods( sendable( methods ) )
{
  m_valid = true;
}

SIMultiple::SIMultiple( const gloox::Tag* tag, int type )
  : gloox::StanzaExtension( type )
{
  const gloox::Tag* element = locate( tag );
  m_valid = element != nullptr;
  if( !element )
    return;

  protocol::ValueList values( MaxValues );
  for( const gloox::Tag* c : element->children() )
    if( c->name() == "value" )   // in whatever namespace (section 1.2)
      values.add( c->cdata() );
  m_methods = values.take();
}

const gloox::Tag* SIMultiple::find( const gloox::Tag* si )
{
  return si ? child( *si, "si-multiple", XMLNS_SI_MULTIPLE ) : nullptr;
}

const std::string& SIMultiple::filterString() const
{
  // Without namespaces: gloox compares only what stands on the element itself and would miss a prefix (SIM-20).
  // newInstance() looks at the namespaces.
  static const std::string filter = "/iq/si/si-multiple";
  return filter;
}

gloox::StanzaExtension* SIMultiple::newInstance( const gloox::Tag* tag ) const
{
  if( !tag || !isElement( *tag ) )
    return nullptr;

  // SIM-20: the first one counts, but gloox asks for each that matches its filter.
  const gloox::Tag* si = tag->parent();
  if( si && ( namespaceOf( *si ) != gloox::XMLNS_SI || find( si ) != tag ) )
    return nullptr;
  return new SIMultiple( tag, extensionType() );   // gloox owns it
}

gloox::Tag* SIMultiple::tag() const
{
  if( !m_valid )
    return nullptr;

  auto element = protocol::element( "si-multiple", XMLNS_SI_MULTIPLE );
  for( const auto& method : sendable( m_methods ) )   // XSD-6: what we parsed may be more than we may send
    new gloox::Tag( element.get(), "value", method ); // gloox owns it
  return element.release();                           // gloox owns it
}

gloox::StanzaExtension* SIMultiple::clone() const
{
  return new SIMultiple( *this );   // gloox owns it
}

} // namespace simultiple
