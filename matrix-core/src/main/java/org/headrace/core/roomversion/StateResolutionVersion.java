package org.headrace.core.roomversion;

/** The state resolution algorithm of a room version. */
public enum StateResolutionVersion {
  /** By depth and SHA-1 of event ids (room version 1). */
  V1,
  /** Power ordering, mainline ordering, iterative auth checks (room versions 2 to 11). */
  V2,
  /** Version 2 from an empty state, with the conflicted state subgraph (from room version 12). */
  V2_1
}
