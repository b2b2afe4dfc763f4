package org.headrace.benchmarks.scale;

import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import org.headrace.schema.log.Partitions;

/**
 * Which part of all events falls to each partition: rooms whose popularity follows Zipf's law, with
 * random ids, in the partitions that Headrace gives them.
 */
record Traffic(int rooms, double exponent, double hottestRoom, double[] byPartition) {
  /** A room id is a hash of so many bytes since room version 12. */
  private static final int ROOM_ID_BYTES = 32;

  /**
   * @param exponent room n has 1/n^exponent as many events as the first; 0: all have as many
   */
  static Traffic of(int rooms, double exponent, int partitions, long seed) {
    if (rooms < 1 || partitions < 1 || exponent < 0) {
      throw new IllegalArgumentException("at least a room and a partition, no exponent below 0");
    }
    Partitions hash = new Partitions(partitions, 1);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] id = new byte[ROOM_ID_BYTES];
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    double[] weights = new double[partitions];
    double all = 0;
    for (int n = 1; n <= rooms; n++) {
      random.nextBytes(id);
      double weight = Math.pow(n, -exponent);
      weights[hash.ofRoom("!" + base64.encodeToString(id))] += weight;
      all += weight;
    }
    double sum = all;
    return new Traffic(
        rooms, exponent, 1 / sum, Arrays.stream(weights).map(weight -> weight / sum).toArray());
  }

  int partitions() {
    return byPartition.length;
  }

  double hottestPartition() {
    return Arrays.stream(byPartition).max().orElseThrow();
  }

  /** The part of the owner with the most. */
  double busiest(int[] ownerOf, int owners) {
    double[] shares = new double[owners];
    for (int p = 0; p < byPartition.length; p++) {
      shares[ownerOf[p]] += byPartition[p];
    }
    return Arrays.stream(shares).max().orElseThrow();
  }
}
