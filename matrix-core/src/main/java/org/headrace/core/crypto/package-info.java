/** Ed25519 and signed JSON (spec appendices, "Signing JSON"). */
@NullMarked
package org.headrace.core.crypto;

import org.jspecify.annotations.NullMarked;
