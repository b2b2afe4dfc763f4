/** What rooms need from the network, done and sent back as commands (design D7). */
@NullMarked
package org.headrace.ingest.effects;

import org.jspecify.annotations.NullMarked;
