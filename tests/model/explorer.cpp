// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "model/explorer.h"

#include "model/promises.h"
#include "model/step.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

namespace simultiple::model
{

namespace
{

struct Hash
{
  std::size_t operator()( const Key& key ) const noexcept
  {
    std::uint64_t hash = 0;
    for( const auto word : key )
      hash = ( hash ^ word ) * 0x9e3779b97f4a7c15U, hash ^= hash >> 29U;
    return static_cast<std::size_t>( hash );
  }
};

class Explorer final
{
  public:
    Explorer( const Setup& setup, bool twins, std::size_t sampleEach ) : m_setup( setup ), m_twins( twins ), m_sampleEach( sampleEach ) {}
    Explored run();

  private:
    struct Node
    {
      std::uint32_t parent;
      std::uint32_t depth;
      Event event;
    };

    void expand( std::uint32_t index, const World& world );
    void visit( std::uint32_t parent, const Event& event, World world );
    void checkTwins( const World& known, const World& world ) const;
    void rest( std::uint32_t index, const World& world );
    void checkNoCircle() const;
    [[nodiscard]] Trace traceTo( std::uint32_t index ) const;

    const Setup& m_setup;
    bool m_twins;
    std::size_t m_sampleEach;
    std::unordered_map<Key, std::uint32_t, Hash> m_known{};
    std::vector<Node> m_nodes{};
    std::deque<World> m_frontier{};      // worlds of the nodes not expanded yet
    std::vector<World> m_worlds{};       // of all nodes, for the twins
    std::vector<std::uint32_t> m_edges{};// targets, node by node
    std::vector<std::size_t> m_edgesOf{};
    Explored m_found{};
};

Trace Explorer::traceTo( std::uint32_t index ) const
{
  Trace trace;
  for( ; index != 0; index = m_nodes[index].parent )
    trace.push_back( m_nodes[index].event );
  std::reverse( trace.begin(), trace.end() );
  return trace;
}

void Explorer::visit( std::uint32_t parent, const Event& event, World world )
{
  const auto fresh = static_cast<std::uint32_t>( m_nodes.size() );
  const auto [at, isNew] = m_known.emplace( keyOf( world ), fresh );
  if( parent != fresh )
    m_edges.push_back( at->second );
  if( !isNew )
  {
    if( m_twins )
      checkTwins( m_worlds[at->second], world );
    return;
  }
  checkPromises( world, m_setup );
  const std::uint32_t depth = parent == fresh ? 0 : m_nodes[parent].depth + 1;
  m_found.depth = std::max<std::size_t>( m_found.depth, depth );
  m_nodes.push_back( { parent, depth, event } );
  if( m_twins )
    m_worlds.push_back( world );
  m_frontier.push_back( std::move( world ) );
}

void Explorer::checkTwins( const World& known, const World& world ) const
{
  for( const Event& event : possible( known, m_setup ) )
  {
    World one = known, other = world;
    Step( one, m_setup ).apply( event );
    Step( other, m_setup ).apply( event );
    rule( keyOf( one ) == keyOf( other ), "two worlds with one key go on alike" );
  }
}

void Explorer::rest( std::uint32_t index, const World& world )
{
  try
  {
    checkAtRest( world, m_setup );
  }
  catch( const Broken& )
  {
    m_found.trace = traceTo( index );
    throw;
  }
  ++m_found.atRest;
  if( leftAlone( world ) )
    ++m_found.alone;
  const bool never = !world.asked && world.responder.state() == negotiation::Responder::State::Offered;
  const auto word = []( bool ended, Cause cause ) { return std::string( ended ? causeText( cause ) : "open" ); };
  Outcome outcome{ word( world.sEnded(), world.s.cause ), never ? "never asked" : word( world.rEnded(), world.r.cause ), world.committed, world.candidate };
  if( m_found.outcomes.find( outcome ) == m_found.outcomes.end() )
    m_found.outcomes.emplace( std::move( outcome ), traceTo( index ) );
  else if( m_sampleEach != 0 && m_found.atRest % m_sampleEach == 0 )
    m_found.sample.push_back( traceTo( index ) );
}

void Explorer::expand( std::uint32_t index, const World& world )
{
  m_edgesOf.push_back( m_edges.size() );
  const auto events = possible( world, m_setup );
  if( std::none_of( events.begin(), events.end(), isProgress ) )
    rest( index, world );
  for( const Event& event : events )
  {
    World next = world;
    ++m_found.transitions;
    try
    {
      Step( next, m_setup ).apply( event );
      visit( index, event, std::move( next ) );
    }
    catch( const Broken& )
    {
      m_found.trace = traceTo( index );
      m_found.trace.push_back( event );
      throw;
    }
  }
}

// Depth first: a way back to a world that is still open is a circle.
void Explorer::checkNoCircle() const
{
  enum : std::uint8_t { Fresh, Entered, Left };
  std::vector<std::uint8_t> mark( m_nodes.size(), Fresh );
  std::vector<std::pair<std::uint32_t, std::size_t>> stack{ { 0, m_edgesOf[0] } };
  mark[0] = Entered;
  while( !stack.empty() )
  {
    auto& [node, edge] = stack.back();
    if( edge == ( node + 1 < m_edgesOf.size() ? m_edgesOf[node + 1] : m_edges.size() ) )
    {
      mark[node] = Left;
      stack.pop_back();
      continue;
    }
    const auto next = m_edges[edge++];
    rule( mark[next] != Entered, "no run goes in a circle" );
    if( mark[next] == Fresh )
    {
      mark[next] = Entered;
      stack.emplace_back( next, m_edgesOf[next] );
    }
  }
}

Explored Explorer::run()
{
  try
  {
    World world = worldOf( m_setup );
    Step( world, m_setup ).begin();
    visit( 0, {}, std::move( world ) );
    for( std::uint32_t index = 0; !m_frontier.empty(); ++index )
    {
      const World next = std::move( m_frontier.front() );
      m_frontier.pop_front();
      expand( index, next );
    }
    checkNoCircle();
  }
  catch( const Broken& broken )
  {
    m_found.broken = broken.what();
  }
  m_found.states = m_nodes.size();
  return std::move( m_found );
}

} // namespace

Explored explore( const Setup& setup, bool twins, std::size_t sampleEach ) { return Explorer( setup, twins, sampleEach ).run(); }

std::string Explored::summary() const
{
  return std::to_string( states ) + " states, " + std::to_string( transitions ) + " transitions, depth " + std::to_string( depth ) + ", "
         + std::to_string( atRest ) + " at rest (" + std::to_string( alone ) + " alone), " + std::to_string( outcomes.size() ) + " outcomes";
}

std::string textOf( const Trace& trace )
{
  std::string text;
  for( const Event& event : trace )
    text += "  " + textOf( event ) + "\n";
  return text;
}

} // namespace simultiple::model
