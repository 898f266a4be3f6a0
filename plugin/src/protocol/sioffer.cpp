// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/sioffer.h"

#include <gloox-si-multiple/simultiple.h>

#include "protocol/form.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <string_view>

namespace simultiple::protocol
{

namespace
{

constexpr std::size_t MaxMimeType = 256;

/// The attribute, or nothing if it is missing or too long (SEC-12).
std::string bounded( const gloox::Tag& tag, std::string_view name, std::size_t max )
{
  auto value = attribute( tag, name );
  return value && characters( *value ) <= max ? *value : std::string();
}

char lower( char c ) noexcept
{
  return c >= 'A' && c <= 'Z' ? static_cast<char>( c - 'A' + 'a' ) : c;
}

/// RFC 2045's token.
bool isToken( std::string_view text ) noexcept
{
  constexpr std::string_view special = "()<>@,;:\\\"/[]?=";
  return !text.empty() && std::all_of( text.begin(), text.end(), [special]( char c )
                                       { return c > 0x20 && c < 0x7F && special.find( c ) == std::string_view::npos; } );
}

std::string readMimeType( const gloox::Tag& si )
{
  const std::string raw = bounded( si, "mime-type", MaxMimeType );
  const std::string_view text = trim( raw );
  const std::string_view essence = trim( text.substr( 0, text.find( ';' ) ) );
  const auto slash = essence.find( '/' );
  if( slash == std::string_view::npos || !isToken( essence.substr( 0, slash ) ) || !isToken( essence.substr( slash + 1 ) )
      || !std::all_of( text.begin(), text.end(), []( char c ) { return c >= 0x20 && c < 0x7F; } ) )
    return {};

  std::string folded( text );
  std::transform( folded.begin(), folded.end(), folded.begin(), lower );
  if( folded == "application/octet-stream" || folded == "binary/octet-stream" )
    return {};
  return std::string( text );
}

/// XEP-0020's form as an offer holds it.
std::unique_ptr<gloox::Tag> offerForm( const std::vector<std::string>& methods )
{
  auto field = std::make_unique<gloox::Tag>( "field" );
  field->addAttribute( "var", StreamMethod );
  field->addAttribute( "type", "list-single" );
  for( const auto& method : methods )
    new gloox::Tag( new gloox::Tag( field.get(), "option" ), "value", method );   // gloox owns both
  return wrapField( std::move( field ), "form" );
}

/// The values of the options, cleaned up.
std::vector<std::string> readOptions( const gloox::Tag& field )
{
  ValueList values( MaxOptions );
  for( const gloox::Tag* option : children( field, "option", gloox::XMLNS_X_DATA, MaxOptions ) )
    if( const gloox::Tag* value = child( *option, "value", gloox::XMLNS_X_DATA ) )
      values.add( value->cdata() );
  return values.take();
}

/// @return Whether the form was there and as it must be.
bool readForm( const gloox::Tag& feature, OfferForm& form )
{
  const gloox::Tag* x = child( feature, "x", gloox::XMLNS_X_DATA );
  if( !x || attribute( *x, "type" ).value_or( "form" ) != "form" )
    return false;

  const gloox::Tag* field = findMethodField( *x );
  if( !field )
    return false;

  const std::string type = attribute( *field, "type" ).value_or( "list-single" );
  if( type != "list-single" && type != "list-multi" )   // INT-4
    return false;

  form.listMulti = type == "list-multi";
  form.methods = readOptions( *field );
  return true;
}

} // namespace

const gloox::Tag* findSi( const gloox::Tag& iq )
{
  return child( iq, "si", gloox::XMLNS_SI );
}

std::unique_ptr<gloox::Tag> buildOffer( const OfferContent& content )
{
  auto si = element( "si", gloox::XMLNS_SI );
  si->addAttribute( "id", content.sid );
  si->addAttribute( "mime-type", content.mimeType );   // gloox leaves it out if it is empty
  si->addAttribute( "profile", content.profile );

  if( content.profileChild )
    si->addChild( detach( *content.profileChild ).release() );         // gloox owns it
  si->addChild( offerForm( content.methods ).release() );              // gloox owns it
  if( content.multiple )
    si->addChild( SIMultiple().tag() );                                // SIM-1; gloox owns it
  return si;
}

OfferHead readOfferHead( const gloox::Tag& si )
{
  return { bounded( si, "id", MaxSid ), bounded( si, "profile", MaxProfile ) };
}

std::variant<OfferForm, StanzaError> readOfferForm( const gloox::Tag& si, const std::string& mandatoryMethod )
{
  OfferForm form;
  form.multiple = SIMultiple::find( &si ) != nullptr;
  form.mimeType = readMimeType( si );

  if( const gloox::Tag* feature = child( si, "feature", gloox::XMLNS_FEATURE_NEG ) )
  {
    if( !readForm( *feature, form ) )
      return errors::badRequest();
  }
  else if( mandatoryMethod.empty() )
    return errors::badRequest();   // SI-12
  else
    form.methods.push_back( mandatoryMethod );   // PCU-4
  return form;
}

} // namespace simultiple::protocol
