// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/schema.h"

#include "support/catch2.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <stdexcept>

// SI_MULTIPLE_XSD is the path of si-multiple.xsd.

namespace simultiple::test
{

namespace
{

template<typename T, void ( *F )( T* )>
struct Free
{
  void operator()( T* p ) const { F( p ); }
};

template<typename T, void ( *F )( T* )>
using Handle = std::unique_ptr<T, Free<T, F>>;

void ignore( void*, const char*, ... ) {}

} // namespace

struct Schema::Private
{
  Handle<xmlSchema, xmlSchemaFree> schema{};
};

Schema::Schema() : d( std::make_unique<Private>() )
{
  const Handle<xmlSchemaParserCtxt, xmlSchemaFreeParserCtxt> parser( xmlSchemaNewParserCtxt( SI_MULTIPLE_XSD ) );
  d->schema.reset( parser ? xmlSchemaParse( parser.get() ) : nullptr );
  if( !d->schema )
    throw std::runtime_error( "no schema at " SI_MULTIPLE_XSD );
}

Schema::~Schema() = default;

bool Schema::accepts( const std::string& xml ) const
{
  const Handle<xmlDoc, xmlFreeDoc> doc( xmlReadMemory( xml.data(), static_cast<int>( xml.size() ), "sample.xml", nullptr,
                                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING ) );
  if( !doc )
    return false;
  const Handle<xmlSchemaValidCtxt, xmlSchemaFreeValidCtxt> context( xmlSchemaNewValidCtxt( d->schema.get() ) );
  xmlSchemaSetValidErrors( context.get(), ignore, ignore, nullptr );
  return xmlSchemaValidateDoc( context.get(), doc.get() ) == 0;
}

std::vector<std::string> siMultiplesIn( const std::string& xml )
{
  const std::string begin = "<si-multiple", end = "</si-multiple>";
  std::vector<std::string> found;
  for( auto at = xml.find( begin ); at != std::string::npos; at = xml.find( begin, at + 1 ) )
  {
    auto last = xml.find( '>', at );
    if( last == std::string::npos )
      break;
    if( xml[last - 1] != '/' )
      last = xml.find( end, at );
    last = last == std::string::npos || xml[last] == '>' ? last : last + end.size() - 1;
    found.push_back( xml.substr( at, last == std::string::npos ? last : last + 1 - at ) );
  }
  return found;
}

std::size_t checkSiMultiples( const std::string& xml )
{
  const auto all = siMultiplesIn( xml );
  if( all.empty() )
    return 0;
  static const Schema schema;
  for( const auto& one : all )
  {
    INFO( one );
    CHECK( schema.accepts( one ) );
  }
  return all.size();
}

} // namespace simultiple::test
