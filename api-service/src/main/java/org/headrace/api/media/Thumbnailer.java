package org.headrace.api.media;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import net.coobird.thumbnailator.Thumbnails;
import net.coobird.thumbnailator.filters.ImageFilter;
import net.coobird.thumbnailator.geometry.Positions;
import net.coobird.thumbnailator.util.exif.ExifFilterUtils;
import net.coobird.thumbnailator.util.exif.ExifUtils;
import net.coobird.thumbnailator.util.exif.Orientation;

/**
 * Makes thumbnails of a few kinds of pictures, in bounded memory: a picture's size is read before
 * its pixels, and of a large one only every second or third pixel and line is kept. Where a
 * format's reader keeps the whole picture all the same, that must be smaller.
 */
final class Thumbnailer {
  /** Pictures that are read; their formats' readers are the JDK's, but for WebP. */
  private static final Set<String> FORMATS = Set.of("jpeg", "png", "gif", "webp");

  /** Pixels of a picture that is looked at at all; its file may be tiny. */
  static final long SOURCE_PIXELS_MAX = 100_000_000;

  /** Pixels that are held in memory, four bytes each. */
  static final long DECODED_PIXELS_MAX = 12_000_000;

  /** A progressive JPEG has ten or so; each costs as much as the first. */
  private static final int JPEG_SCANS_MAX = 32;

  private static final double JPEG_QUALITY = 0.85;
  private static final String JPEG = "jpeg";
  private static final String WEBP = "webp";

  static {
    ImageIO.setUseCache(false);
    // The services' class loaders are not those that ImageIO looks into.
    javax.imageio.spi.IIORegistry.getDefaultInstance()
        .registerServiceProvider(new WebPImageReaderSpi());
  }

  private Thumbnailer() {}

  /** A picture of a media type. */
  record Picture(String type, byte[] bytes) {}

  /** It is no picture that can be read. */
  static final class NoPictureException extends IOException {
    private static final long serialVersionUID = 1L;

    NoPictureException(String message) {
      super(message);
    }
  }

  /** It has more pixels than are handled. */
  static final class TooManyPixelsException extends IOException {
    private static final long serialVersionUID = 1L;

    TooManyPixelsException() {
      super("too many pixels");
    }
  }

  /**
   * A still thumbnail, JPEG of a JPEG and PNG of all else; not larger than the original.
   *
   * @throws NoPictureException also for a picture that is damaged, or cut off
   */
  static Picture of(byte[] original, ThumbnailSize size)
      throws NoPictureException, TooManyPixelsException {
    try {
      return made(original, size);
    } catch (NoPictureException | TooManyPixelsException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What a reader throws at a file that is made to break it.
      throw new NoPictureException("the picture is damaged");
    }
  }

  private static Picture made(byte[] original, ThumbnailSize size) throws IOException {
    ImageReader reader = reader(original);
    try (ImageInputStream input =
        ImageIO.createImageInputStream(new ByteArrayInputStream(original))) {
      String format = reader.getFormatName().toLowerCase(Locale.ROOT);
      boolean jpeg = format.equals(JPEG);
      // Metadata of formats that can compress it is not looked at.
      reader.setInput(input, true, !jpeg);
      boolean keptWhole = format.equals(WEBP) || (jpeg && hasSeveralScans(original));
      requireSource(reader, keptWhole ? DECODED_PIXELS_MAX : SOURCE_PIXELS_MAX);
      BufferedImage upright = upright(reader, jpeg, size);
      return encode(scaled(upright, size), jpeg);
    } finally {
      reader.dispose();
    }
  }

  private static boolean hasSeveralScans(byte[] jpeg) throws NoPictureException {
    JpegScans scans = JpegScans.of(jpeg);
    if (scans.count() > JPEG_SCANS_MAX) {
      throw new NoPictureException("too many scans");
    }
    return scans.several();
  }

  private static void requireSource(ImageReader reader, long pixelsMax) throws IOException {
    if ((long) reader.getWidth(0) * reader.getHeight(0) > pixelsMax) {
      throw new TooManyPixelsException();
    }
  }

  private static ImageReader reader(byte[] original) throws IOException {
    try (ImageInputStream input =
        ImageIO.createImageInputStream(new ByteArrayInputStream(original))) {
      for (Iterator<ImageReader> all = ImageIO.getImageReaders(input); all.hasNext(); ) {
        ImageReader reader = all.next();
        if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
          return reader;
        }
        reader.dispose();
      }
    }
    throw new NoPictureException("not a picture of a known format");
  }

  private static BufferedImage upright(ImageReader reader, boolean jpeg, ThumbnailSize size)
      throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    Orientation orientation = jpeg ? ExifUtils.getExifOrientation(reader, 0) : null;
    // A quarter turn swaps them; the larger scale of the two keeps enough for both.
    double scale = Math.max(size.scale(width, height), size.scale(height, width));
    int every = Math.max(1, (int) (1 / (2 * scale)));
    if ((long) (width / every + 1) * (height / every + 1) > DECODED_PIXELS_MAX) {
      throw new TooManyPixelsException();
    }
    ImageReadParam parameters = reader.getDefaultReadParam();
    parameters.setSourceSubsampling(every, every, 0, 0);
    BufferedImage image = reader.read(0, parameters);
    if (orientation == null || orientation == Orientation.TOP_LEFT) {
      return image;
    }
    ImageFilter turn = ExifFilterUtils.getFilterForOrientation(orientation);
    return turn.apply(image);
  }

  private static BufferedImage scaled(BufferedImage image, ThumbnailSize size) throws IOException {
    double scale = size.scale(image.getWidth(), image.getHeight());
    int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
    int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
    BufferedImage scaled =
        width == image.getWidth() && height == image.getHeight()
            ? image
            : Thumbnails.of(image).forceSize(width, height).asBufferedImage();
    if (!size.crop() || (width <= size.width() && height <= size.height())) {
      return scaled;
    }
    int cropWidth = Math.min(width, size.width());
    int cropHeight = Math.min(height, size.height());
    return Thumbnails.of(scaled)
        .sourceRegion(Positions.CENTER, cropWidth, cropHeight)
        .forceSize(cropWidth, cropHeight)
        .asBufferedImage();
  }

  private static Picture encode(BufferedImage image, boolean jpeg) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Thumbnails.of(image)
        .scale(1)
        .outputFormat(jpeg ? JPEG : "png")
        .outputQuality(JPEG_QUALITY)
        .toOutputStream(out);
    return new Picture(jpeg ? "image/jpeg" : "image/png", out.toByteArray());
  }
}
