// Copyright (C) 2026 the gloox-si-multiple authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <memory>
#include <string>
#include <vector>

namespace simultiple::test
{

/// si-multiple.xsd as it is installed, checked with libxml2.
class Schema final
{
  public:
    Schema();   ///< Throws if the file cannot be used.
    ~Schema();

    /** @return Whether @a xml is well formed and valid. */
    [[nodiscard]] bool accepts( const std::string& xml ) const;

  private:
    struct Private;
    std::unique_ptr<Private> d;
};

/** @return Every `<si-multiple/>` in @a xml, as it stands. */
[[nodiscard]] std::vector<std::string> siMultiplesIn( const std::string& xml );

/** XSD-6: fails the running test if @a xml holds an `<si-multiple/>` that the schema refuses. @return How many it holds. */
std::size_t checkSiMultiples( const std::string& xml );

} // namespace simultiple::test
