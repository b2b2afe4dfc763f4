package org.headrace.benchmarks.scale;

import java.util.Arrays;

/** Which owner has each partition: as many each as can be, or one more. Load is not looked at. */
final class Assignment {
  private Assignment() {}

  /** In turn, as Kafka Streams hands out tasks that nobody had. */
  static int[] inTurn(int partitions, int owners) {
    int[] ownerOf = new int[partitions];
    Arrays.setAll(ownerOf, p -> p % owners);
    return ownerOf;
  }

  /** Neighbours together, the first owners with one more: Kafka's RangeAssignor. */
  static int[] ranges(int partitions, int owners) {
    int[] ownerOf = new int[partitions];
    int p = 0;
    for (int owner = 0; owner < owners; owner++) {
      int end = p + partitions / owners + (owner < partitions % owners ? 1 : 0);
      Arrays.fill(ownerOf, p, end, owner);
      p = end;
    }
    return ownerOf;
  }
}
