package org.headrace.api.media;

/**
 * How often a JPEG goes over its picture, told by its markers alone (ITU-T T.81, annex B). A reader
 * keeps the whole picture of one that does so more than once.
 *
 * @param count scans
 * @param several whether the first of them has not all of the picture
 */
record JpegScans(int count, boolean several) {
  private static final int FILL = 0xff;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int FIRST_RESTART = 0xd0;
  private static final int FIRST_FRAME = 0xc0;
  private static final int LAST_FRAME = 0xcf;

  /** From a frame's marker to its number of components, and from a scan's to its. */
  private static final int FRAME_COMPONENTS = 9;

  private static final int SCAN_COMPONENTS = 4;

  static JpegScans of(byte[] jpeg) {
    int count = 0;
    int components = 0;
    boolean several = false;
    int at = 0;
    while (at + FRAME_COMPONENTS < jpeg.length) {
      int marker = jpeg[at + 1] & 0xff;
      if ((jpeg[at] & 0xff) != FILL || marker == FILL) {
        at++;
        continue;
      }
      if (marker == END_OF_IMAGE && count > 0) {
        break;
      }
      if (isFrame(marker)) {
        several |= isProgressive(marker);
        components = jpeg[at + FRAME_COMPONENTS] & 0xff;
      } else if (marker == START_OF_SCAN) {
        count++;
        several |= (jpeg[at + SCAN_COMPONENTS] & 0xff) < components;
      }
      at += 2 + (hasLength(marker) ? length(jpeg, at + 2) : 0);
    }
    return new JpegScans(count, several);
  }

  /** Of C0 to CF all but the tables' and the extension's. */
  private static boolean isFrame(int marker) {
    return marker >= FIRST_FRAME
        && marker <= LAST_FRAME
        && marker != 0xc4
        && marker != 0xc8
        && marker != 0xcc;
  }

  private static boolean isProgressive(int frame) {
    return (frame & 3) == 2;
  }

  private static boolean hasLength(int marker) {
    return marker > 1 && (marker < FIRST_RESTART || marker > END_OF_IMAGE);
  }

  private static int length(byte[] jpeg, int at) {
    return ((jpeg[at] & 0xff) << 8) | (jpeg[at + 1] & 0xff);
  }
}
