// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "protocol/sianswer.h"

#include <gloox-si-multiple/simultiple.h>

#include "protocol/form.h"
#include "protocol/sioffer.h"
#include "protocol/xml.h"

#include <gloox/gloox.h>

#include <algorithm>
#include <utility>

namespace simultiple::protocol
{

namespace
{

using Methods = std::vector<std::string>;

bool contains( const Methods& methods, const std::string& method )
{
  return std::find( methods.begin(), methods.end(), method ) != methods.end();
}

/// SIM-23, SIM-24.
Methods possible( Methods named, const AnswerContext& context )
{
  named.erase( std::remove_if( named.begin(), named.end(),
                               [&context]( const std::string& method )
                               {
                                 return !contains( context.offered, method )
                                        || ( context.usable && !context.usable( method ) );
                               } ),
               named.end() );
  return named;
}

/// What `<feature/>` says.
struct FormAnswer
{
  bool cancelled = false;
  Methods named{};
};

FormAnswer readForm( const gloox::Tag& si )
{
  const gloox::Tag* feature = child( si, "feature", gloox::XMLNS_FEATURE_NEG );
  const gloox::Tag* x = feature ? child( *feature, "x", gloox::XMLNS_X_DATA ) : nullptr;
  if( !x )
    return {};

  const std::string type = attribute( *x, "type" ).value_or( "submit" );
  if( type == "cancel" )
    return { true };
  if( type != "submit" && type != "result" && type != "form" )
    return {};

  const gloox::Tag* field = findMethodField( *x );
  if( !field )
    return {};

  ValueList values( SIMultiple::MaxValues );
  for( const gloox::Tag* value : children( *field, "value", gloox::XMLNS_X_DATA, SIMultiple::MaxValues ) )
    values.add( value->cdata() );
  return { false, values.take() };
}

void accept( Answer& answer, Methods methods, Dialect dialect, bool firstOnly )
{
  if( firstOnly )
    methods.resize( 1 );
  answer.accepted = true;
  answer.methods = std::move( methods );
  answer.dialect = dialect;
}

void refuse( Answer& answer, Cause cause, const char* problem )
{
  answer.cause = cause;
  answer.problem = problem;
}

/// SI-6, SI-7, SI-21, SIM-28. @a listed: an `<si-multiple/>` was there and yielded nothing (SIM-27).
void readPlain( Answer& answer, const gloox::Tag& si, const AnswerContext& context, bool listed )
{
  const FormAnswer form = readForm( si );
  const bool several = form.named.size() > 1;
  answer.namesInBand = answer.namesInBand || contains( form.named, gloox::XMLNS_IBB );

  Methods methods = possible( form.named, context );
  if( !methods.empty() )
    accept( answer, std::move( methods ), several ? Dialect::Smack : Dialect::Plain, !context.fallback );
  else if( listed )
    refuse( answer, Cause::NoValidStreams, "the answer lists no method that was offered and can be used" );
  else if( form.cancelled )
    refuse( answer, Cause::Declined, "the form of the answer is cancelled" );
  else if( several )
    refuse( answer, Cause::NoValidStreams, "the form names no method that was offered and can be used" );
  else if( form.named.empty() )
    refuse( answer, Cause::MalformedReply, "the answer names no method" );
  else
    refuse( answer, Cause::MalformedReply, "the answer names a method that was not offered or cannot be used" );
}

std::unique_ptr<gloox::Tag> emptyAnswer( const gloox::Tag* profileChild )
{
  auto si = element( "si", gloox::XMLNS_SI );
  if( profileChild )
    si->addChild( detach( *profileChild ).release() );   // gloox owns it
  return si;
}

} // namespace

std::unique_ptr<gloox::Tag> buildListAnswer( const std::vector<std::string>& methods, const gloox::Tag* profileChild )
{
  auto si = emptyAnswer( profileChild );
  si->addChild( SIMultiple( methods ).tag() );   // gloox owns it
  return si;
}

std::unique_ptr<gloox::Tag> buildFormAnswer( const std::vector<std::string>& methods, const gloox::Tag* profileChild )
{
  auto field = std::make_unique<gloox::Tag>( "field" );
  field->addAttribute( "var", StreamMethod );
  for( const auto& method : methods )
    new gloox::Tag( field.get(), "value", method );   // gloox owns it

  auto si = emptyAnswer( profileChild );
  si->addChild( wrapField( std::move( field ), "submit" ).release() );   // gloox owns it
  return si;
}

Answer readAnswer( const gloox::Tag& iq, const AnswerContext& context )
{
  Answer answer;
  const gloox::Tag* si = findSi( iq );
  if( !si )
  {
    refuse( answer, Cause::MalformedReply, "the answer has no <si/>" );   // SI-20
    return answer;
  }

  const SIMultiple list( si );
  answer.namesInBand = contains( list.methods(), gloox::XMLNS_IBB );
  Methods methods = possible( list.methods(), context );
  if( methods.empty() )
    readPlain( answer, *si, context, list.valid() );   // SIM-27
  else
    accept( answer, std::move( methods ), Dialect::SiMultiple, !context.multiple || !context.fallback );   // SIM-29
  return answer;
}

} // namespace simultiple::protocol
