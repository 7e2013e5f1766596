// What mcconfig makes of `ffi` in the manifest; in its own builds it takes the one that it has made.
declare module "mc/ffi" {
	export default class Natives {
		esp_reset_reason(): number;
		esp_reset_reason_set_hint(hint: number): void;
		esp_restart(): void;
		esp_random(): number;
		bootloader_random_enable(): void;
		bootloader_random_disable(): void;
		esp_ota_mark_app_valid_cancel_rollback(): number;
	}
}
