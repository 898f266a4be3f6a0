// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace simultiple::fuzz
{

/// One step of a program: what, and three things that tell how.
struct Step
{
  std::uint8_t what = 0, a = 0, b = 0, c = 0;
};

/// An input read as a program: four bytes that set the stage, then steps of four bytes each. Any input is one; a last step that is cut is left out.
struct Program
{
  static constexpr std::size_t StepSize = 4;
  static constexpr std::size_t MostSteps = 200;

  Program( const std::uint8_t* data, std::size_t size )
  {
    for( std::size_t i = 0; i < stage.size() && i < size; ++i )
      stage[i] = data[i];
    for( std::size_t at = stage.size(); at + StepSize <= size && steps.size() < MostSteps; at += StepSize )
      steps.push_back( { data[at], data[at + 1], data[at + 2], data[at + 3] } );
  }

  std::array<std::uint8_t, 4> stage{};
  std::vector<Step> steps{};
};

} // namespace simultiple::fuzz
