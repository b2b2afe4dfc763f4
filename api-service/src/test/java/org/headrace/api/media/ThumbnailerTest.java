package org.headrace.api.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
          .isInstanceOfAny(
              Thumbnailer.NoPictureException.class,
              javax.imageio.IIOException.class,
              java.io.EOFException.class);
    }
  }
}
