"""The networks of timm and torchvision that `senet` has too, by senet's names."""

import timm
import torchvision

RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x4d",
           "seresnet18", "seresnet34", "seresnet50", "seresnet101", "seresnet152", "seresnext50_32x4d",
           "seresnext101_32x4d", "senet154", "legacy_seresnet18", "legacy_seresnet34", "legacy_seresnet50",
           "legacy_seresnet101", "legacy_seresnet152", "legacy_seresnext50_32x4d", "legacy_seresnext101_32x4d",
           "legacy_senet154"]
OTHERS = ["vgg16_bn", "googlenet", "inception_v3", "inception_resnet_v2", "mobilenetv1_100", "mobilenetv3_small_100",
          "mobilenetv3_large_100", "efficientnet_b0", "regnety_008"]
NAMES = RESNETS + OTHERS


def create(name, classes):
    """The peer's network with random weights, in evaluation mode."""
    if name == "googlenet":
        model = torchvision.models.googlenet(
            aux_logits=False, transform_input=False, num_classes=classes, init_weights=False)
    else:
        model = timm.create_model(name, pretrained=False, num_classes=classes)
    return model.eval()
