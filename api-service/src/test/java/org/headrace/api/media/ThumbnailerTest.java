package org.headrace.api.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbnailerTest {
  /** One red pixel, lossless. */
  private static final String WEBP = "UklGRhwAAABXRUJQVlA4TA8AAAAvAAAAAAcQ/Y/+ByKi/wEA";

  private static byte[] picture(int width, int height, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format, out);
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "png, 800, 600, 320, 240, scale, 320, 240",
    "png, 800, 200, 320, 240, scale, 320, 80",
    "jpeg, 800, 200, 96, 96, crop, 96, 96",
    "png, 50, 40, 320, 240, scale, 50, 40",
    "png, 50, 400, 96, 96, crop, 50, 96",
    "gif, 3000, 10, 32, 32, scale, 32, 1",
    "jpeg, 4000, 3000, 64, 64, crop, 64, 64",
  })
  void scalesAndCropsAndNeverEnlarges(
      String format,
      int width,
      int height,
      int wantedWidth,
      int wantedHeight,
      String method,
      int gotWidth,
      int gotHeight)
      throws IOException {
    Thumbnailer.Picture thumbnail =
        Thumbnailer.of(
            picture(width, height, format),
            new ThumbnailSize(wantedWidth, wantedHeight, method.equals("crop")));
    assertThat(thumbnail.type()).isEqualTo(format.equals("jpeg") ? "image/jpeg" : "image/png");
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(thumbnail.bytes()));
    assertThat(List.of(read.getWidth(), read.getHeight())).isEqualTo(List.of(gotWidth, gotHeight));
  }

  @Test
  void readsWebP() throws IOException {
    assertThat(
            Thumbnailer.of(Base64.getDecoder().decode(WEBP), new ThumbnailSize(32, 32, false))
                .type())
        .isEqualTo("image/png");
  }

  @Test
  void refusesAFileThatClaimsMorePixelsThanAreHandled() throws IOException {
    byte[] bomb = picture(1, 1, "png");
    ByteBuffer header = ByteBuffer.wrap(bomb);
    header.putInt(16, 50_000).putInt(20, 50_000);
    CRC32 crc = new CRC32();
    crc.update(bomb, 12, 17);
    header.putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> Thumbnailer.of(bomb, new ThumbnailSize(32, 32, false)))
        .isInstanceOf(Thumbnailer.TooManyPixelsException.class);
  }

  @Test
  void refusesALargePictureThatIsToStayLarge() throws IOException {
    byte[] large = picture(4_000, 4_000, "png");
    assertThatThrownBy(() -> Thumbnailer.of(large, new ThumbnailSize(4_000, 4_000, false)))
        .isInstanceOf(Thumbnailer.TooManyPixelsException.class);
    assertThat(Thumbnailer.of(large, new ThumbnailSize(800, 600, false)).bytes()).isNotEmpty();
  }

  /** Their readers keep the whole picture, of which little is wanted. */
  @Test
  void refusesALargePictureThatItsReaderKeepsWhole() throws IOException {
    byte[] webp = Base64.getDecoder().decode(WEBP);
    // 14 bits of the width less one, 14 of the height less one.
    ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).putInt(21, (9_999 << 14) | 9_999);
    ThumbnailSize size = new ThumbnailSize(32, 32, false);
    assertThatThrownBy(() -> Thumbnailer.of(webp, size))
        .isInstanceOf(Thumbnailer.TooManyPixelsException.class);
    assertThatThrownBy(() -> Thumbnailer.of(progressive(4_000, 3_100), size))
        .isInstanceOf(Thumbnailer.TooManyPixelsException.class);
    assertThat(Thumbnailer.of(picture(4_000, 3_100, "jpeg"), size).bytes()).isNotEmpty();
    assertThat(Thumbnailer.of(progressive(400, 300), size).bytes()).isNotEmpty();
  }

  @Test
  void refusesAJpegOfVeryManyScans() throws IOException {
    byte[] jpeg = progressive(40, 30);
    // Of one component, whose first coefficients they refine.
    byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 1, 5, 0};
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < 1_000; i++) {
      many.write(scan);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    assertThatThrownBy(() -> Thumbnailer.of(many.toByteArray(), new ThumbnailSize(32, 32, false)))
        .isInstanceOf(Thumbnailer.NoPictureException.class)
        .hasMessage("too many scans");
  }

  private static byte[] progressive(int width, int height) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream output = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(output);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif", "jpeg"})
  void aPictureThatIsCutOffIsNone(String format) throws IOException {
    byte[] whole = picture(100, 100, format);
    for (int length = 0; length < whole.length; length += 7) {
      byte[] cut = Arrays.copyOf(whole, length);
      try {
        assertThat(Thumbnailer.of(cut, new ThumbnailSize(32, 32, false)).bytes()).isNotEmpty();
      } catch (Thumbnailer.NoPictureException e) {
        assertThat(e).hasMessageNotContaining("too many");
      }
    }
  }

  @Test
  void refusesWhatIsNoPicture() throws IOException {
    byte[] cut = Arrays.copyOf(picture(100, 100, "png"), 60);
    for (byte[] bad :
        List.of(
            new byte[0],
            "<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8),
            picture(8, 8, "bmp"),
            cut)) {
      assertThatThrownBy(() -> Thumbnailer.of(bad, new ThumbnailSize(32, 32, false)))
          .isInstanceOf(Thumbnailer.NoPictureException.class);
    }
  }
}
