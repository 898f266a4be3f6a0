// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <gloox-si-multiple/filesender.h>

#include "files/outgoingtransfer.h"
#include "files/profile.h"
#include "protocol/utf8.h"

#include <algorithm>
#include <utility>

namespace simultiple
{

struct FileSender::Private final : files::TransferOwner
{
  Private( files::Profile& profile_, FileTransferHandler& handler_ ) : profile( profile_ ), handler( handler_ ) {}

  ~Private() override
  {
    for( const auto& transfer : transfers )
      transfer->silence();
  }
  Private( const Private& ) = delete;
  Private& operator=( const Private& ) = delete;

  [[nodiscard]] std::shared_ptr<files::OutgoingTransfer> make( const gloox::JID& to, const std::string& path, const FileSendOptions& options );

  void transferEnded( files::Transfer& transfer ) override
  {
    transfers.erase( std::remove_if( transfers.begin(), transfers.end(), [&]( const auto& one ) { return one.get() == &transfer; } ), transfers.end() );
  }

  files::Profile& profile;
  FileTransferHandler& handler;
  std::vector<std::shared_ptr<files::OutgoingTransfer>> transfers{};
  std::string problem{};
};

FileSender::FileSender( FileProfile& files, FileTransferHandler& handler )
  : d( std::make_unique<Private>( files.priv().profile, handler ) )
{
}

FileSender::~FileSender() = default;

std::shared_ptr<FileTransfer> FileSender::send( const gloox::JID& to, const std::string& path, const FileSendOptions& options )
{
  d->problem.clear();
  std::shared_ptr<files::OutgoingTransfer> transfer;
  if( !d->profile.loop().roster().run( nullptr, [&] { transfer = d->make( to, path, options ); } ) )
    d->problem = "out of memory";
  if( transfer )
    (void)transfer->work( [&] { transfer->start(); } );
  return transfer;
}

std::shared_ptr<files::OutgoingTransfer> FileSender::Private::make( const gloox::JID& to, const std::string& path, const FileSendOptions& options )
{
  auto file = files::SourceFile::open( path, problem );
  if( !file )
    return nullptr;
  for( const auto* text : { &options.name, &options.folder, &options.desc, &options.mimeType } )
    if( !protocol::xmlText( *text ) )
    {
      problem = "not a text that XML can hold: " + printable( *text );
      return nullptr;
    }
  auto transfer = std::make_shared<files::OutgoingTransfer>( profile, *this, handler, to, std::move( file ), options );
  transfers.push_back( transfer );
  return transfer;
}

const std::string& FileSender::problem() const { return d->problem; }
std::size_t FileSender::transfers() const { return d->transfers.size(); }

} // namespace simultiple
